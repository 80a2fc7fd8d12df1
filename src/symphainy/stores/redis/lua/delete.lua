-- KEYS: the session, all its lists, and last its snapshot. ARGV: nothing, the creation of the session that is meant, ''
-- the first time. So a late repeat does not erase a new session of the same id, and one whose first answer was lost is
-- no failure.
local function delete(KEYS, ARGV)
  local kept = redis.call('HMGET', KEYS[1], 'q', 's')
  if kept[1] ~= ARGV[2] then
    return { ARGV[3] == '' and 'SessionNotFound' or 'ok' }
  end
  local lacking = needs(KEYS, 1, tonumber(kept[2]))
  if lacking then
    return lacking
  end
  erase(KEYS)
  return { 'ok' }
end
