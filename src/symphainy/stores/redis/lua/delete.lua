-- ARGV: nothing, the creation of the session that is meant, '' the first time. So a late repeat does not erase a new
-- session of the same id, and one whose first answer was lost is no failure.
local function delete(KEYS, ARGV)
  local root = KEYS[1]
  local kept = redis.call('HMGET', root, 'q', 's')
  if kept[1] ~= ARGV[2] then
    return { ARGV[3] == '' and 'SessionNotFound' or 'ok' }
  end
  redis.call('UNLINK', root .. ':s', root)
  for seq = 1, tonumber(kept[2]), ENTRIES_IN_LIST do
    redis.call('UNLINK', list_of(root, seq))
  end
  redis.call(PUBLISH, root, 0)
  return { 'ok' }
end
