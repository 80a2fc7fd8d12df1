-- What several operations need. Every key of a session is KEYS[1], the hash of everything small, or KEYS[1] and a
-- suffix: they share a hash tag, so they are on one node of a cluster.
--
--   KEYS[1]        u user  q creation  h created, idle, absolute  a last activity  s seq  d digest  W seqs of open work
--                  o<op_id> seq  k<key> seq  w<work_id> seq it was opened at, or 0 if closed  l<lane> lease
--                  t<topic> chunks so far, and the seqs of the newest  T<chunk><topic> the seqs of a full one
--   KEYS[1]:e<n>   list: entries n * 512 + 1 and following, as stores/redis/rows.py packs them, each behind its seq
--   KEYS[1]:s      the snapshot behind its seq
--
-- Fields and packed values of a small session are at most 64 bytes, so that the server keeps its hash in the compact form.

local ENTRIES_IN_LIST = 512
local SEQS_IN_CHUNK = 15
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

-- The seq of a live session, or nil.
local function live(root, now)
  local kept = redis.call('HMGET', root, 's', 'a', 'h')
  if not kept[1] then
    return nil
  end
  local created, idle, absolute = struct.unpack('>ddd', kept[3])
  if now >= math.min(struct.unpack('>d', kept[2]) + idle, created + absolute) then
    return nil
  end
  return tonumber(kept[1])
end

local function head(root)
  return redis.call('HMGET', root, 's', 'u', 'q', 'h', 'a', 'd')
end

local function list_of(root, seq)
  return root .. ':e' .. math.floor((seq - 1) / ENTRIES_IN_LIST)
end

local function entry(root, seq)
  return redis.call('LINDEX', list_of(root, seq), (seq - 1) % ENTRIES_IN_LIST)
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

local function add_to_topic(root, tails, fields, topic, seq)
  local tail = tails[topic] or redis.call('HGET', root, 't' .. topic) or struct.pack('>I4', 0)
  if #tail >= 4 + 4 * SEQS_IN_CHUNK then
    local chunks = struct.unpack('>I4', tail)
    fields[#fields + 1] = 'T' .. struct.pack('>I4', chunks) .. topic
    fields[#fields + 1] = string.sub(tail, 5)
    tail = struct.pack('>I4', chunks + 1)
  end
  tails[topic] = tail .. struct.pack('>I4', seq)
end

local function push(root, seq, records, first)
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
  local closed = struct.pack('>I4', redis.call('HGET', root, field))
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
local function write(root, seq, records, first, found, fields)
  push(root, seq, records, first)
  local tails, open_work = {}, nil
  for i, mark in ipairs(found) do
    if mark.topic then
      add_to_topic(root, tails, fields, mark.topic, seq + i)
    end
    for _, key in ipairs(mark.keys or {}) do
      fields[#fields + 1] = 'k' .. key
      fields[#fields + 1] = seq + i
    end
    if mark.work and (mark.work.phase == OPENS or mark.work.phase == CLOSES) then
      open_work = index_work(root, open_work or redis.call('HGET', root, 'W') or '', mark.work, seq + i)
    end
  end
  for topic, tail in pairs(tails) do
    fields[#fields + 1] = 't' .. topic
    fields[#fields + 1] = tail
  end
  if open_work then
    fields[#fields + 1] = 'W'
    fields[#fields + 1] = open_work
  end
  fields[#fields + 1] = 's'
  fields[#fields + 1] = seq + #found
  set_fields(root, fields)
  return seq + #found
end
