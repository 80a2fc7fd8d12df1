-- KEYS: the session, the lists of its first entries. ARGV: now, creation (8 bytes), user, idle and absolute (packed), when the indexes were written, records...
local function create(KEYS, ARGV)
  local root, creation = KEYS[1], ARGV[2]
  local session = opened(root, { 'q' })
  local existing = session.kept.q
  if existing == creation then
    -- this very call, whose answer was lost
    redis.call('HSET', root, 'q', creation)
    return { 'ok', unpack(head(root)) }
  end
  if existing then
    return { 'SessionExists' }
  end
  if not intention_holds(ARGV[6]) then
    return { 'Stale' }
  end
  local now = struct.pack('>d', now_of(ARGV[1]))
  begin(session, creation, ARGV[3], now .. ARGV[5], now)
  write(session, ARGV, 7, marks_of(ARGV, 7, #ARGV))
  save(session)
  return { 'ok', unpack(head(root)) }
end
