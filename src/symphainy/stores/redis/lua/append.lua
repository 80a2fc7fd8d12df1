-- KEYS: the session, the lists that are written to. ARGV: now, request (8 bytes), floor, 'o' and the op_id's hash or '', expected seq or '', 'l' and the fence's lane or '',
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

-- Where an earlier try of this very call wrote: first seq and span, nil if it did not. Or an answer.
local function earlier_try(KEYS, seq, request, floor)
  for place = seq, math.max(floor + 1, seq - REQUESTS_LOOKED_THROUGH), -1 do
    local lacking = needs(KEYS, seq, seq, { place })
    if lacking then
      return nil, nil, lacking
    end
    local own, span = written_by(KEYS[1], place, request)
    if own then
      return place, span
    end
  end
  return nil, nil, seq - floor > REQUESTS_LOOKED_THROUGH and { 'Unknown' } or nil
end

local function refusal_of_append(root, seq, ARGV, found)
  if ARGV[6] ~= '' then
    local lease = redis.call('HGET', root, ARGV[6])
    if not lease or struct.unpack('>d', lease) ~= tonumber(ARGV[7]) or string.sub(lease, 17) ~= ARGV[8] then
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

-- Where an earlier call with this op_id, or an earlier try of this very call, wrote. nil: nowhere.
local function answer_of_before(KEYS, seq, first, ARGV)
  local span, other, repeated = nil, nil, 0
  if ARGV[4] ~= '' then
    if not first then
      return nil
    end
    local lacking = needs(KEYS, tonumber(first), tonumber(first))
    if lacking then
      return lacking
    end
    local own
    own, span = written_by(KEYS[1], tonumber(first), ARGV[2])
    repeated = own and 0 or 1
  elseif ARGV[3] ~= '' then
    first, span, other = earlier_try(KEYS, seq, ARGV[2], tonumber(ARGV[3]))
    if not first then
      return other
    end
  else
    return nil
  end
  -- a write, so that WAIT has something to wait for
  redis.call('HSET', KEYS[1], 's', seq)
  return { 'ok', tonumber(first), first + (span or 1) - 1, repeated }
end

local function append(KEYS, ARGV)
  local root = KEYS[1]
  local now = now_of(ARGV[1])
  local found = marks_of(ARGV, 10)
  local names = { 's', 'a', 'h', 'n', ARGV[4] }
  for _, mark in ipairs(found) do
    if mark.topic then
      names[#names + 1] = 't' .. mark.topic
    end
  end
  local kept = redis.call('HMGET', root, unpack(names))
  local seq = living(kept[1], kept[2], kept[3], kept[4], now)
  if not seq then
    return { 'SessionNotFound' }
  end
  local refusal = answer_of_before(KEYS, seq, kept[5], ARGV)
    or refusal_of_append(root, seq, ARGV, found)
    or needs(KEYS, seq + 1, seq + #found)
  if refusal then
    return refusal
  end
  if not intention_holds(ARGV[9]) then
    return { 'Stale' }
  end
  local tails = {}
  for i = 6, #names do
    tails[string.sub(names[i], 2)] = kept[i]
  end
  local fields = { 'a', struct.pack('>d', now) }
  if ARGV[4] ~= '' then
    fields[3], fields[4] = ARGV[4], seq + 1
  end
  local last = write(root, seq, ARGV, 10, found, fields, tails)
  redis.call(PUBLISH, root, last)
  return { 'ok', seq + 1, last, 0 }
end
