-- What several operations need. Every key of a session is KEYS[1], the hash of everything small, or KEYS[1] and a
-- suffix: they share a hash tag, so they are on one node of a cluster. No key is touched that the caller has not named:
-- while a slot moves from node to node, that is how the server knows that one of them is not there yet. The caller names
-- the lists that it expects to be needed; when others are, it is told which (Needs), and asks again.
--
--   KEYS[1]        u user  q creation  h created, idle, absolute  a last activity  s seq  d digest  W seqs of open work
--                  f no new fence is less  F newest fence of all lanes  n a copy of which not enough has arrived yet
--                  o<hash of op_id> seq  k<key> seq  w<work_id> seq it was opened at, or 0 if closed  l<lane> lease
--                  t<topic> chunks so far, and the seqs of the newest  T<chunk><topic> the seqs of a full one
--   KEYS[1]:e<n>   list: entries n * 512 + 1 and following, as stores/redis/rows.py packs them, each behind its seq
--   KEYS[1]:s      the snapshot behind its seq
--
--   ~ is there to be longer than 64 bytes: a hash without a value of that length is kept compact, which costs half the
--   memory, and a search of all of it for every field. Up to COMPACT entries it is worth it.

local ENTRIES_IN_LIST = 512
local SEQS_IN_CHUNK = 15
local CHECKSUM_BYTES = 8
local COMPACT = 48
local REQUESTS_LOOKED_THROUGH = 20000
local INTENTION_HOLDS = 300
local FIELDS_AT_A_TIME = 1000
local NOTHING = {}
local LONG = '~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~'
local HAS_TOPIC, HAS_KEYS, HAS_WORK, HAS_OP, CONTINUES, HAS_SPAN = 1, 2, 4, 8, 16, 32
local OPENS, CLOSES = 0, 2
local PUBLISH = redis.REDIS_VERSION_NUM and redis.REDIS_VERSION_NUM >= 0x00070000 and 'SPUBLISH' or 'PUBLISH'

local function has(flags, flag)
  return flags % (flag * 2) >= flag
end

local function server_time()
  local time = redis.call('TIME')
  return tonumber(time[1]) + tonumber(time[2]) / 1000000
end

-- The caller's clock in tests, else the server's: no writer's clock decides anything.
local function now_of(given)
  if given ~= '' then
    return (struct.unpack('>d', given))
  end
  return server_time()
end

-- An index in another slot was written before, as an intention. It may be swept as soon as it is twice as old as this.
local function intention_holds(intended_at)
  return intended_at == '' or math.abs(server_time() - struct.unpack('>d', intended_at)) < INTENTION_HOLDS
end

-- The seq of a session that lives, or nil: from its fields s, a, h and n.
local function living(seq, active, times, arriving, now)
  if not seq or arriving then
    return nil
  end
  local created, idle, absolute = struct.unpack('>ddd', times)
  if now >= math.min(struct.unpack('>d', active) + idle, created + absolute) then
    return nil
  end
  return tonumber(seq)
end

local function live(root, now)
  local kept = redis.call('HMGET', root, 's', 'a', 'h', 'n')
  return living(kept[1], kept[2], kept[3], kept[4], now)
end

local function head(root)
  return redis.call('HMGET', root, 's', 'u', 'q', 'h', 'a', 'd', 'n')
end

local function erase(KEYS)
  for _, key in ipairs(KEYS) do
    redis.call('UNLINK', key)
  end
  redis.call(PUBLISH, KEYS[1], 0)
end

local function number_of_list(seq)
  return math.floor((seq - 1) / ENTRIES_IN_LIST)
end

local function list_of(root, seq)
  return root .. ':e' .. number_of_list(seq)
end

local function entry(root, seq)
  return redis.call('LINDEX', list_of(root, seq), (seq - 1) % ENTRIES_IN_LIST)
end

-- nil, or the answer that more lists must be named: all that hold the seqs `first` to `last`, and more. KEYS[at] is the
-- session, 1 unless said otherwise; the lists named for it stand behind it.
local function needs(KEYS, first, last, more, at)
  at = at or 1
  local root, here = KEYS[at], KEYS[at + 1]
  if not more and here == list_of(root, first) and (last == first or here == list_of(root, last)) then
    return nil
  end
  local named, wanted, answer, lacking = {}, {}, { 'Needs' }, false
  for _, key in ipairs(KEYS) do
    named[key] = true
  end
  local function want(number)
    if not wanted[number] then
      wanted[number] = true
      answer[#answer + 1] = number
      lacking = lacking or not named[root .. ':e' .. number]
    end
  end
  if first <= last then
    for number = number_of_list(first), number_of_list(last) do
      want(number)
    end
  end
  for _, seq in ipairs(more or {}) do
    want(number_of_list(seq))
  end
  return lacking and answer or nil
end

-- What the index must know of a packed entry: topic, keys, and the work's phase, id and lane. nil: nothing.
local function mark_of(packed)
  local flags = string.byte(packed)
  if flags % 8 == 0 then
    return nil
  end
  local at = has(flags, CONTINUES) and 2 or 10
  if has(flags, HAS_SPAN) then
    at = at + 4
  end
  if has(flags, HAS_OP) then
    at = at + 4 + struct.unpack('>I4', packed, at)
  end
  local mark = { topic = nil, keys = nil, work = nil }
  if has(flags, HAS_TOPIC) then
    mark.topic, at = struct.unpack('>I4c0', packed, at)
  end
  if has(flags, HAS_KEYS) then
    local count
    mark.keys = {}
    count, at = struct.unpack('>I4', packed, at)
    for i = 1, count do
      mark.keys[i], at = struct.unpack('>I4c0', packed, at)
    end
  end
  if has(flags, HAS_WORK) then
    local work = { phase = string.byte(packed, at) }
    work.id, work.lane, at = struct.unpack('>I4c0I4c0', packed, at + 1)
    mark.work = work
  end
  return mark
end

local function marks_of(records, first, last)
  local found = {}
  for i = first, last do
    found[i - first + 1] = mark_of(records[i]) or NOTHING
  end
  return found
end

-- A session as one call sees it: what was read of its hash, and what the call writes, to the hash and behind the log.
-- That is written at the end (`save`), each field once, so that further appends in one call cost little. `names` are
-- fields that will be needed; others are read when they are.
local function opened(root, names)
  local kept = {}
  for first = 1, #names, FIELDS_AT_A_TIME do
    local last = math.min(first + FIELDS_AT_A_TIME - 1, #names)
    local values = redis.call('HMGET', root, unpack(names, first, last))
    for i = 1, #values do
      kept[names[first + i - 1]] = values[i]
    end
  end
  local seq = tonumber(kept.s or 0)
  return { root = root, kept = kept, changed = {}, entries = {}, seq = seq, saved = seq, writes = false }
end

-- false if there is none
local function get(session, field)
  local value = session.kept[field]
  if value == nil then
    value = redis.call('HGET', session.root, field)
    session.kept[field] = value
  end
  return value
end

local function set(session, field, value)
  session.kept[field] = value
  session.changed[field] = value
end

-- An entry of the log, be it saved or not.
local function entry_of(session, seq)
  if seq > session.saved then
    return session.entries[seq - session.saved]
  end
  return entry(session.root, seq)
end

-- Whether the session's hash is better not kept compact from now on.
local function grows_large(from, to)
  return from <= COMPACT and to > COMPACT
end

-- Follows the records' work as if each were written before the next is looked at: nil, or the refusal.
local function refusal_of_work(session, found)
  local here = {}
  for i = 1, #found do
    local work = found[i].work
    if work then
      local state = here[work.id]
      local opened_at = get(session, 'w' .. work.id)
      if work.phase == OPENS then
        if state ~= nil or opened_at then
          return { 'WorkExists', work.id }
        end
      else
        if state == nil then
          state = opened_at and tonumber(opened_at) ~= 0
        end
        if not state then
          return { 'WorkClosed', work.id }
        end
      end
      here[work.id] = work.phase ~= CLOSES
    end
  end
  return nil
end

-- What a topic's field (`t` and it) keeps, with one seq more. If that is too much, older seqs are a chunk of their own
-- from now on, whose field and value are returned too.
local function longer_tail(tail, field, seq)
  if not tail then
    return struct.pack('>I4I4', 0, seq)
  end
  if #tail < 4 + 4 * SEQS_IN_CHUNK then
    return tail .. struct.pack('>I4', seq)
  end
  local chunks = struct.unpack('>I4', tail)
  return struct.pack('>I4I4', chunks + 1, seq), 'T' .. struct.pack('>I4', chunks) .. string.sub(field, 2), string.sub(tail, 5)
end

local function add_to_topic(session, topic, seq)
  local field = 't' .. topic
  local tail, older, chunk = longer_tail(get(session, field), field, seq)
  set(session, field, tail)
  if older then
    set(session, older, chunk)
  end
end

-- W has the seqs of the open work, packed one after the other.
local function index_work(session, work, seq)
  local field, open_work = 'w' .. work.id, get(session, 'W') or ''
  if work.phase == OPENS then
    set(session, field, seq)
    set(session, 'W', open_work .. struct.pack('>I4', seq))
    return
  end
  local closed = struct.pack('>I4', get(session, field) or 0)
  set(session, field, 0)
  local left = {}
  for at = 1, #open_work, 4 do
    local opened_at = string.sub(open_work, at, at + 3)
    if opened_at ~= closed then
      left[#left + 1] = opened_at
    end
  end
  set(session, 'W', table.concat(left))
end

-- Adds the packed entries records[first] and following, one for each of `found`, with everything that finds them.
-- Whatever can be refused must have been refused before.
local function write(session, records, first, found)
  local seq, entries, saved = session.seq, session.entries, session.saved
  for i = 1, #found do
    local mark = found[i]
    seq = seq + 1
    entries[seq - saved] = struct.pack('>I4', seq) .. records[first + i - 1]
    if mark.topic then
      add_to_topic(session, mark.topic, seq)
    end
    if mark.keys then
      for _, key in ipairs(mark.keys) do
        set(session, 'k' .. key, seq)
      end
    end
    local work = mark.work
    if work and (work.phase == OPENS or work.phase == CLOSES) then
      index_work(session, work, seq)
    end
  end
  session.seq = seq
end

local function push(session)
  local first = 1
  while first <= #session.entries do
    local seq = session.saved + first
    local left = ENTRIES_IN_LIST - (seq - 1) % ENTRIES_IN_LIST
    local last = math.min(first + left - 1, #session.entries)
    redis.call('RPUSH', list_of(session.root, seq), unpack(session.entries, first, last))
    first = last + 1
  end
end

-- Writes what the call changed of the session, and tells those who wait for it.
local function save(session)
  local root, seq = session.root, session.seq
  push(session)
  if grows_large(session.saved, seq) then
    set(session, '~', LONG)
  end
  local fields, count = { 's', seq }, 2
  for field, value in pairs(session.changed) do
    fields[count + 1], fields[count + 2] = field, value
    count = count + 2
  end
  for first = 1, count, FIELDS_AT_A_TIME do
    redis.call('HSET', root, unpack(fields, first, math.min(first + FIELDS_AT_A_TIME - 1, count)))
  end
  if session.seq > session.saved then
    redis.call(PUBLISH, root, seq)
  end
end

-- `times` is when it was created and its lifetime.
local function begin(session, creation, user, times, active)
  set(session, 'u', user)
  set(session, 'q', creation)
  set(session, 'h', times)
  set(session, 'a', active)
  set(session, 'd', string.sub(redis.sha1hex(session.root .. creation .. times .. user), 1, 16))
end
