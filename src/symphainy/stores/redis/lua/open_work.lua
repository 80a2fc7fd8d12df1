-- KEYS: the session, lists of its log. ARGV: now. Answers the entries that opened what is still open, in log order.
local function open_work(KEYS, ARGV)
  if not live(KEYS[1], now_of(ARGV[1])) then
    return { 'SessionNotFound' }
  end
  local packed, places, entries = redis.call('HGET', KEYS[1], 'W') or '', {}, {}
  for at = 1, #packed, 4 do
    places[#places + 1] = struct.unpack('>I4', packed, at)
  end
  local lacking = needs(KEYS, 1, 0, places)
  if lacking then
    return lacking
  end
  for i, place in ipairs(places) do
    entries[i] = entry(KEYS[1], place) or struct.pack('>I4', place)
  end
  return { 'ok', entries }
end
