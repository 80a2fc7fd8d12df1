export function Skeleton({ label, lines = 4 }: { readonly label: string; readonly lines?: number }) {
  return (
    <div className="skeleton" role="status">
      <span className="visually-hidden">{label}</span>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are alike and never move
        <span key={line} className="skeleton-line" />
      ))}
    </div>
  );
}
