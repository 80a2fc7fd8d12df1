-- ARGV: now. Answers the entries that opened what is still open, in log order.
local function open_work(KEYS, ARGV)
  if not live(KEYS[1], now_of(ARGV[1])) then
    return { 'SessionNotFound' }
  end
  local packed, entries = redis.call('HGET', KEYS[1], 'W') or '', {}
  for at = 1, #packed, 4 do
    entries[#entries + 1] = entry(KEYS[1], (struct.unpack('>I4', packed, at)))
  end
  return { 'ok', entries }
end
