-- ARGV: now, request (8 bytes), floor, 'o' and the op_id or '', expected seq or '', 'l' and the fence's lane or '',
-- fence, owner, when the index of open work was written or '', records...
-- `floor` is '' the first time. When an answer was lost, it is a seq that the log had before the first time.

local function written_by(root, seq, request)
  local packed = entry(root, seq)
  if not packed or has(string.byte(packed, 5), CONTINUES) then
    return nil
  end
  local span = has(string.byte(packed, 5), HAS_SPAN) and struct.unpack('>I4', packed, 14) or 1
  return string.sub(packed, 6, 13) == request, span
end

-- Where an earlier try of this very call wrote: first seq and span, nil if it did not, false if nobody can say.
local function earlier_try(root, seq, request, floor)
  for looked = 0, REQUESTS_LOOKED_THROUGH do
    local place = seq - looked
    if place <= floor or place < 1 then
      return nil
    end
    local own, span = written_by(root, place, request)
    if own then
      return place, span
    end
  end
  return false
end

local function refusal_of_append(root, seq, ARGV, found)
  if ARGV[6] ~= '' then
    local lease = redis.call('HGET', root, ARGV[6])
    if not lease or struct.unpack('>I4', lease) ~= tonumber(ARGV[7]) or string.sub(lease, 13) ~= ARGV[8] then
      return { 'LeaseLost' }
    end
  end
  if ARGV[5] ~= '' then
    local newest, keyed = 0, false
    for _, mark in ipairs(found) do
      for _, key in ipairs(mark.keys or {}) do
        keyed = true
        newest = math.max(newest, tonumber(redis.call('HGET', root, 'k' .. key) or 0))
      end
    end
    if (keyed and newest or seq) > tonumber(ARGV[5]) then
      return { 'VersionConflict', seq }
    end
  end
  return refusal_of_work(root, found)
end

local function append(KEYS, ARGV)
  local root, request = KEYS[1], ARGV[2]
  local now = now_of(ARGV[1])
  local seq = live(root, now)
  if not seq then
    return { 'SessionNotFound' }
  end
  if ARGV[4] ~= '' then
    local first = tonumber(redis.call('HGET', root, ARGV[4]) or 0)
    if first > 0 then
      local own, span = written_by(root, first, request)
      redis.call('HSET', root, 's', seq)
      return { 'ok', first, first + (span or 1) - 1, own and 0 or 1 }
    end
  elseif ARGV[3] ~= '' then
    local first, span = earlier_try(root, seq, request, tonumber(ARGV[3]))
    if first == false then
      return { 'Unknown' }
    elseif first then
      redis.call('HSET', root, 's', seq)
      return { 'ok', first, first + span - 1, 0 }
    end
  end
  local found = marks_of(ARGV, 10)
  local refusal = refusal_of_append(root, seq, ARGV, found)
  if refusal then
    return refusal
  end
  if not intention_holds(ARGV[9]) then
    return { 'Stale' }
  end
  local fields = { 'a', struct.pack('>d', now) }
  if ARGV[4] ~= '' then
    fields[3], fields[4] = ARGV[4], seq + 1
  end
  local last = write(root, seq, ARGV, 10, found, fields)
  redis.call(PUBLISH, root, last)
  return { 'ok', seq + 1, last, 0 }
end
