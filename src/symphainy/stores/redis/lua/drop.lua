-- KEYS: the session, all its lists, and last its snapshot. ARGV: now, nothing, '' the first time, the seq and the last
-- activity (packed) that it must have.
local function drop(KEYS, ARGV)
  local root, now = KEYS[1], now_of(ARGV[1])
  local kept = redis.call('HMGET', root, 's', 'a')
  if not kept[1] then
    return { ARGV[3] == '' and 'SessionNotFound' or 'ok' }
  end
  if tonumber(kept[1]) ~= tonumber(ARGV[4]) or kept[2] ~= ARGV[5] then
    return { 'VersionConflict', tonumber(kept[1]) }
  end
  local cursor = '0'
  repeat
    local found = redis.call('HSCAN', root, cursor, 'MATCH', 'l*', 'COUNT', 1000)
    cursor = found[1]
    for i = 2, #found[2], 2 do
      local _, ends = struct.unpack('>dd', found[2][i])
      if now < ends then
        return { 'LeaseHeld', string.sub(found[2][i], 17), struct.pack('>d', ends) }
      end
    end
  until cursor == '0'
  local lacking = needs(KEYS, 1, tonumber(kept[1]))
  if lacking then
    return lacking
  end
  erase(KEYS)
  return { 'ok' }
end
