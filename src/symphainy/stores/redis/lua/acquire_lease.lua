-- ARGV: now, 'l' and the lane, owner, seconds. A lease is kept as its fence, its end and its owner.
local function acquire_lease(KEYS, ARGV)
  local root, field, owner = KEYS[1], ARGV[2], ARGV[3]
  local now = now_of(ARGV[1])
  if not live(root, now) then
    return { 'SessionNotFound' }
  end
  local kept = redis.call('HMGET', root, field, 'f', 'F')
  local fence, ends = 0, now
  if kept[1] then
    fence, ends = struct.unpack('>dd', kept[1])
  end
  if now >= ends then
    fence = math.max(fence, tonumber(kept[2] or 0)) + 1
  elseif string.sub(kept[1], 17) ~= owner then
    return { 'LeaseHeld', string.sub(kept[1], 17), struct.pack('>d', ends) }
  end
  local renewed = struct.pack('>dd', fence, now + tonumber(ARGV[4]))
  redis.call('HSET', root, field, renewed .. owner, 'F', math.max(fence, tonumber(kept[3] or 0)))
  return { 'ok', fence, string.sub(renewed, 9) }
end
