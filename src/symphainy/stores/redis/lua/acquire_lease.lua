-- ARGV: now, 'l' and the lane, owner, seconds. A lease is kept as its fence, its end and its owner.
local function acquire_lease(KEYS, ARGV)
  local root, field, owner = KEYS[1], ARGV[2], ARGV[3]
  local now = now_of(ARGV[1])
  if not live(root, now) then
    return { 'SessionNotFound' }
  end
  local lease = redis.call('HGET', root, field)
  local fence, ends = 0, now
  if lease then
    fence, ends = struct.unpack('>I4d', lease)
  end
  if now >= ends then
    fence = fence + 1
  elseif string.sub(lease, 13) ~= owner then
    return { 'LeaseHeld', string.sub(lease, 13), struct.pack('>d', ends) }
  end
  local renewed = struct.pack('>I4d', fence, now + tonumber(ARGV[4]))
  redis.call('HSET', root, field, renewed .. owner)
  return { 'ok', fence, string.sub(renewed, 5) }
end
