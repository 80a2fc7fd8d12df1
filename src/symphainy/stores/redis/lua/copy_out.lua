-- KEYS: the session, the lists to be read. ARGV: after, limit. Answers the head, the fence, and whole appends: the last
-- one may go beyond the limit.
local function copy_out(KEYS, ARGV)
  local root, after, limit = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
  local seq = tonumber(redis.call('HGET', root, 's') or -1)
  if seq < 0 then
    return { 'SessionNotFound' }
  end
  local last = math.min(seq, after + limit)
  while last > after do
    local lacking = needs(KEYS, after + 1, math.min(last + 1, seq))
    if lacking then
      return lacking
    end
    local next_one = last < seq and entry(root, last + 1)
    if not next_one or not has(string.byte(next_one, 5), CONTINUES) then
      break
    end
    last = last + 1
  end
  local fences = redis.call('HMGET', root, 'f', 'F')
  local fence = math.max(tonumber(fences[1] or 0), tonumber(fences[2] or 0))
  return { 'ok', head(root), fence, read_range(root, after + 1, last) }
end
