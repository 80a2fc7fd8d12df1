-- ARGV: now, 'l' and the lane, owner, fence.
local function release_lease(KEYS, ARGV)
  local lease = redis.call('HGET', KEYS[1], ARGV[2])
  if lease then
    local fence, ends = struct.unpack('>dd', lease)
    if fence == tonumber(ARGV[4]) and string.sub(lease, 17) == ARGV[3] then
      ends = math.min(ends, now_of(ARGV[1]))
      redis.call('HSET', KEYS[1], ARGV[2], struct.pack('>dd', fence, ends) .. ARGV[3])
    end
  end
  return { 'ok' }
end
