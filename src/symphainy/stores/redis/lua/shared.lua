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

-- The fields of a new session. `times` is when it was created and its lifetime.
local function first_fields(root, creation, user, times, active)
  local digest = string.sub(redis.sha1hex(root .. creation .. times .. user), 1, 16)
  return { 'u', user, 'q', creation, 'h', times, 'a', active, 'd', digest }
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

-- nil, or the answer that more lists must be named: all that hold the seqs `first` to `last`, and more.
local function needs(KEYS, first, last, more)
  if not more and KEYS[2] == list_of(KEYS[1], first) and KEYS[2] == list_of(KEYS[1], last) then
    return nil
  end
  local named, wanted, answer, lacking = {}, {}, { 'Needs' }, false
  for i = 2, #KEYS do
    named[KEYS[i]] = true
  end
  local function want(number)
    if not wanted[number] then
      wanted[number] = true
      answer[#answer + 1] = number
      lacking = lacking or not named[KEYS[1] .. ':e' .. number]
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

-- What the index must know of a packed entry: topic, keys, and the work's phase, id and lane.
local function marks(packed, at)
  local flags = string.byte(packed, at)
  if flags % 8 == 0 then
    return nil, nil, nil
  end
  local topic, keys, work
  at = at + 1 + (has(flags, CONTINUES) and 0 or 8) + (has(flags, HAS_SPAN) and 4 or 0)
  if has(flags, HAS_OP) then
    local _
    _, at = struct.unpack('>I4c0', packed, at)
  end
  if has(flags, HAS_TOPIC) then
    topic, at = struct.unpack('>I4c0', packed, at)
  end
  if has(flags, HAS_KEYS) then
    local count
    keys = {}
    count, at = struct.unpack('>I4', packed, at)
    for i = 1, count do
      keys[i], at = struct.unpack('>I4c0', packed, at)
    end
  end
  if has(flags, HAS_WORK) then
    work = { phase = string.byte(packed, at) }
    work.id, work.lane, at = struct.unpack('>I4c0I4c0', packed, at + 1)
  end
  return topic, keys, work
end

local function marks_of(records, first)
  local found = {}
  for i = first, #records do
    local topic, keys, work = marks(records[i], 1)
    found[#found + 1] = { topic = topic, keys = keys, work = work }
  end
  return found
end

-- Follows the records' work as if each were written before the next is looked at: nil, or the refusal.
local function refusal_of_work(root, found)
  local here = {}
  for _, mark in ipairs(found) do
    local work = mark.work
    if work then
      local state = here[work.id]
      if work.phase == OPENS then
        if state ~= nil or redis.call('HEXISTS', root, 'w' .. work.id) == 1 then
          return { 'WorkExists', work.id }
        end
      else
        if state == nil then
          local opened = redis.call('HGET', root, 'w' .. work.id)
          state = opened and opened ~= '0'
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

-- `tails` has the topics' newest seqs as far as they are known; false if there are none.
local function add_to_topic(root, tails, fields, topic, seq)
  local tail = tails[topic]
  if tail == nil then
    tail = redis.call('HGET', root, 't' .. topic)
  end
  tail = tail or struct.pack('>I4', 0)
  if #tail >= 4 + 4 * SEQS_IN_CHUNK then
    local chunks = struct.unpack('>I4', tail)
    fields[#fields + 1] = 'T' .. struct.pack('>I4', chunks) .. topic
    fields[#fields + 1] = string.sub(tail, 5)
    tail = struct.pack('>I4', chunks + 1)
  end
  tails[topic] = tail .. struct.pack('>I4', seq)
end

local function push(root, seq, records, first)
  if first == #records then
    redis.call('RPUSH', list_of(root, seq + 1), struct.pack('>I4', seq + 1) .. records[first])
    return
  end
  local values, list = {}, nil
  for i = first, #records do
    local key = list_of(root, seq + i - first + 1)
    if key ~= list and list then
      redis.call('RPUSH', list, unpack(values))
      values = {}
    end
    list = key
    values[#values + 1] = struct.pack('>I4', seq + i - first + 1) .. records[i]
  end
  if list then
    redis.call('RPUSH', list, unpack(values))
  end
end

local function set_fields(root, fields)
  for i = 1, #fields, 1000 do
    redis.call('HSET', root, unpack(fields, i, math.min(i + 999, #fields)))
  end
end

-- The seqs of the open work after this entry, packed one after the other.
local function index_work(root, open_work, work, seq)
  local field = 'w' .. work.id
  if work.phase == OPENS then
    redis.call('HSET', root, field, seq)
    return open_work .. struct.pack('>I4', seq)
  end
  local closed = struct.pack('>I4', redis.call('HGET', root, field) or 0)
  redis.call('HSET', root, field, 0)
  local left = {}
  for at = 1, #open_work, 4 do
    local opened = string.sub(open_work, at, at + 3)
    if opened ~= closed then
      left[#left + 1] = opened
    end
  end
  return table.concat(left)
end

-- Writes records[first] and following after `seq`, with everything that finds them. `fields` are more of the hash.
-- Whatever can be refused must have been refused before. Returns the new seq.
local function write(root, seq, records, first, found, fields, tails)
  push(root, seq, records, first)
  local open_work
  for i, mark in ipairs(found) do
    if mark.topic then
      add_to_topic(root, tails, fields, mark.topic, seq + i)
    end
    if mark.keys then
      for _, key in ipairs(mark.keys) do
        fields[#fields + 1] = 'k' .. key
        fields[#fields + 1] = seq + i
      end
    end
    if mark.work and (mark.work.phase == OPENS or mark.work.phase == CLOSES) then
      open_work = index_work(root, open_work or redis.call('HGET', root, 'W') or '', mark.work, seq + i)
    end
  end
  for topic, tail in pairs(tails) do
    if tail then
      fields[#fields + 1] = 't' .. topic
      fields[#fields + 1] = tail
    end
  end
  if open_work then
    fields[#fields + 1] = 'W'
    fields[#fields + 1] = open_work
  end
  if seq <= COMPACT and seq + #found > COMPACT then
    fields[#fields + 1] = '~'
    fields[#fields + 1] = string.rep('~', 65)
  end
  fields[#fields + 1] = 's'
  fields[#fields + 1] = seq + #found
  set_fields(root, fields)
  return seq + #found
end
