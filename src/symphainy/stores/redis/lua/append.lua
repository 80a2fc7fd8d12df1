-- Appends of many callers, in order: one call costs the server little more for a further one. Each is done or refused
-- by itself, and sees those before it; what was done is written once at the end, session after session.
--
-- KEYS: for each session it and the lists that are written to.
-- ARGV: now; for each session the place of its key in KEYS, the number of its appends, and 'p' if all are plain or ''.
--   For each append, if they are: 'o' and the op_id's hash or '', 't' and the topic or '', the record.
--   If not: 'o' and the hash or '', '+' if conditions follow or '', the number of its records, the conditions, the
--   records. Conditions are the floor, expected seq or '', 'l' and the fence's lane or '', fence, owner, and when the
--   index of open work was written or ''. The floor is '' the first time. When an answer was lost, it is a seq that the
--   log had before the first time.
-- Answers for each append its first seq, if it was written now and never before, else `ok` and where, or the refusal.

local TOPIC = 116 -- 't'
-- Used again and again: to make tables takes a good part of the time of an append.
local names, fields, entries = { 's', 'a', 'h', 'n' }, {}, {}

-- The append at ARGV[at], and where the next is.
local function append_at(ARGV, at, plain)
  local append = { op = ARGV[at], first = at + 2, found = nil, conditions = nil }
  local next_one = at + 3
  if not plain then
    append.first = at + 3
    if ARGV[at + 1] ~= '' then
      append.conditions = {
        floor = ARGV[at + 3],
        expected = tonumber(ARGV[at + 4]),
        lane = ARGV[at + 5],
        fence = tonumber(ARGV[at + 6]),
        owner = ARGV[at + 7],
        intended_at = ARGV[at + 8],
      }
      append.first = at + 9
    end
    next_one = append.first + tonumber(ARGV[at + 2])
  end
  append.found = marks_of(ARGV, append.first, next_one - 1)
  return append, next_one
end

local function written_by(session, seq, request)
  local packed = entry_of(session, seq)
  if not packed or has(string.byte(packed, 5), CONTINUES) then
    return nil
  end
  local span = has(string.byte(packed, 5), HAS_SPAN) and struct.unpack('>I4', packed, 14) or 1
  return string.sub(packed, 6, 13) == request, span
end

-- Where an earlier try of this very append wrote: first seq and span, nil if it did not. Or an answer.
local function earlier_try(KEYS, at, session, request, floor)
  local seq = session.seq
  for place = seq, math.max(floor + 1, seq - REQUESTS_LOOKED_THROUGH), -1 do
    local lacking = KEYS[at + 1] ~= list_of(session.root, place) and needs(KEYS, seq, seq, { place }, at)
    if lacking then
      return nil, nil, lacking
    end
    local own, span = written_by(session, place, request)
    if own then
      return place, span
    end
  end
  return nil, nil, seq - floor > REQUESTS_LOOKED_THROUGH and { 'Unknown' } or nil
end

local function refusal_of_conditions(session, append, conditions)
  if conditions.lane ~= '' then
    local lease = get(session, conditions.lane)
    if not lease or struct.unpack('>d', lease) ~= conditions.fence or string.sub(lease, 17) ~= conditions.owner then
      return { 'LeaseLost' }
    end
  end
  if conditions.expected then
    local newest, keyed = 0, false
    for _, mark in ipairs(append.found) do
      for _, key in ipairs(mark.keys or NOTHING) do
        keyed = true
        newest = math.max(newest, tonumber(get(session, 'k' .. key) or 0))
      end
    end
    if (keyed and newest or session.seq) > conditions.expected then
      return { 'VersionConflict', session.seq }
    end
  end
  return nil
end

-- Where an earlier append with this op_id, or an earlier try of this very append, wrote. nil: nowhere.
local function answer_of_before(KEYS, at, session, append, request)
  local first, span, own, other
  if append.op ~= '' then
    first = tonumber(get(session, append.op) or nil)
    if not first then
      return nil
    end
    local lacking = needs(KEYS, first, first, nil, at)
    if lacking then
      return lacking
    end
    own, span = written_by(session, first, request)
  elseif append.conditions and append.conditions.floor ~= '' then
    first, span, other = earlier_try(KEYS, at, session, request, tonumber(append.conditions.floor))
    if not first then
      return other
    end
    own = true
  else
    return nil
  end
  -- so that WAIT has something to wait for
  session.writes = true
  return { 'ok', first, first + (span or 1) - 1, own and 0 or 1 }
end

-- Its first seq, or what else is answered.
local function append_one(KEYS, at, ARGV, session, append)
  local op, found, conditions, first = append.op, append.found, append.conditions, session.seq + 1
  local answer = answer_of_before(KEYS, at, session, append, string.sub(ARGV[append.first], 2, 9))
    or conditions and refusal_of_conditions(session, append, conditions)
    or refusal_of_work(session, found)
    or needs(KEYS, first, first + #found - 1, nil, at)
    or conditions and not intention_holds(conditions.intended_at) and { 'Stale' }
  if answer then
    return answer
  end
  write(session, ARGV, append.first, found)
  if op ~= '' then
    set(session, op, first)
  end
  session.writes = true
  return first
end

-- Does appends to one session. Returns where the next session's are.
local function append_all(KEYS, at, ARGV, place, count, plain, now, answers)
  local appends, wanted = {}, { 's', 'a', 'h', 'n' }
  for i = 1, count do
    appends[i], place = append_at(ARGV, place, plain)
    if appends[i].op ~= '' then
      wanted[#wanted + 1] = appends[i].op
    end
  end
  local session = opened(KEYS[at], wanted)
  local kept = session.kept
  local lives = living(kept.s, kept.a, kept.h, kept.n, now)
  for i = 1, count do
    answers[#answers + 1] = lives and append_one(KEYS, at, ARGV, session, appends[i]) or { 'SessionNotFound' }
  end
  if session.seq > session.saved then
    set(session, 'a', struct.pack('>d', now))
  end
  if session.writes then
    save(session)
  end
  return place
end

-- The same for appends of one record each without keys, work and conditions, which nearly all are, in a third of the
-- time. Returns false, having done nothing, where more care is needed: an op_id is known, a list is not named.
local function append_plain(KEYS, at, ARGV, place, count, now, answers)
  local root, list, last, used = KEYS[at], KEYS[at + 1], place + 3 * count - 1, 4
  local place_of = count > 1 and {} or nil
  for i = place, last, 3 do
    local op, topic = ARGV[i], ARGV[i + 1]
    if op ~= '' then
      if place_of then
        if place_of[op] then
          return false
        end
        place_of[op] = true
      end
      used = used + 1
      names[used] = op
    end
    if topic ~= '' and not (place_of and place_of[topic]) then
      used = used + 1
      names[used] = topic
      if place_of then
        place_of[topic] = used
      end
    end
  end
  local kept = redis.call('HMGET', root, unpack(names, 1, used))
  local before = living(kept[1], kept[2], kept[3], kept[4], now)
  -- the number of a list is behind the session's key and `:e`
  if not before or tonumber(string.sub(list, #root + 3)) ~= number_of_list(before + 1)
    or before % ENTRIES_IN_LIST + count > ENTRIES_IN_LIST
  then
    return false
  end
  local seq, size, looked_at = before, 0, 4
  for i = place, last, 3 do
    local op, topic = ARGV[i], ARGV[i + 1]
    seq = seq + 1
    entries[seq - before] = struct.pack('>I4', seq) .. ARGV[i + 2]
    if op ~= '' then
      looked_at = looked_at + 1
      if kept[looked_at] then
        return false
      end
      fields[size + 1], fields[size + 2] = op, seq
      size = size + 2
    end
    if topic ~= '' then
      local here, field, chunk = place_of and place_of[topic] or looked_at + 1, nil, nil
      looked_at = math.max(looked_at, here)
      kept[here], field, chunk = longer_tail(kept[here], topic, seq)
      if field then
        fields[size + 1], fields[size + 2] = field, chunk
        size = size + 2
      end
    end
  end
  for i = 5, used do
    if string.byte(names[i]) == TOPIC then
      fields[size + 1], fields[size + 2] = names[i], kept[i]
      size = size + 2
    end
  end
  if grows_large(before, seq) then
    fields[size + 1], fields[size + 2] = '~', LONG
    size = size + 2
  end
  redis.call('RPUSH', list, unpack(entries, 1, count))
  redis.call('HSET', root, 's', seq, 'a', struct.pack('>d', now), unpack(fields, 1, size))
  redis.call(PUBLISH, root, seq)
  for i = before + 1, seq do
    answers[#answers + 1] = i
  end
  return true
end

local function append(KEYS, ARGV)
  local now, answers, place = now_of(ARGV[1]), {}, 2
  while place <= #ARGV do
    local at, count, plain = tonumber(ARGV[place]), tonumber(ARGV[place + 1]), ARGV[place + 2] ~= ''
    place = place + 3
    if plain and append_plain(KEYS, at, ARGV, place, count, now, answers) then
      place = place + 3 * count
    else
      place = append_all(KEYS, at, ARGV, place, count, plain, now, answers)
    end
  end
  return { 'ok', answers }
end
