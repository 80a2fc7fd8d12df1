-- KEYS: the session, the lists to be read. ARGV: now, after, before, limit, newest, then 't' and the topic, if only its entries are wanted.
-- Answers the head's seq, the first wanted seq or the packed seqs of a topic, and the entries (nil: missing).

local function read_range(root, first, last)
  local entries = {}
  local seq = first
  while seq <= last do
    local from = (seq - 1) % ENTRIES_IN_LIST
    local to = math.min(from + last - seq, ENTRIES_IN_LIST - 1)
    local values = redis.call('LRANGE', list_of(root, seq), from, to)
    for i = 1, #values do
      entries[#entries + 1] = values[i]
    end
    if #values <= to - from then
      break
    end
    seq = seq + #values
  end
  return entries
end

-- The number of seqs of the topic, and a function that gives the nth.
local function seqs_of(root, topic)
  local tail = redis.call('HGET', root, 't' .. topic)
  if not tail then
    return 0, nil
  end
  local chunks = struct.unpack('>I4', tail)
  local kept = { [chunks] = string.sub(tail, 5) }
  return chunks * SEQS_IN_CHUNK + (#tail - 4) / 4, function(n)
    local chunk = math.floor((n - 1) / SEQS_IN_CHUNK)
    if not kept[chunk] then
      kept[chunk] = redis.call('HGET', root, 'T' .. struct.pack('>I4', chunk) .. topic) or ''
    end
    local at = (n - 1) % SEQS_IN_CHUNK * 4
    return #kept[chunk] >= at + 4 and struct.unpack('>I4', kept[chunk], at + 1) or 0
  end
end

-- How many of the topic's seqs are less than `limit`.
local function count_below(count, nth, limit)
  local low, high = 0, count
  while low < high do
    local middle = math.floor((low + high + 1) / 2)
    if nth(middle) < limit then
      low = middle
    else
      high = middle - 1
    end
  end
  return low
end

local function read(KEYS, ARGV)
  local root = KEYS[1]
  local seq = live(root, now_of(ARGV[1]))
  if not seq then
    return { 'SessionNotFound' }
  end
  local after, before, limit, newest = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5] == '1'
  if not ARGV[6] then
    local first, last = after + 1, math.min(before - 1, seq)
    if newest then
      first = math.max(first, last - limit + 1)
    else
      last = math.min(last, after + limit)
    end
    return needs(KEYS, first, last) or { 'ok', seq, first, read_range(root, first, last) }
  end
  local count, nth = seqs_of(root, string.sub(ARGV[6], 2))
  local from, to = 1, 0
  if nth then
    from, to = count_below(count, nth, after + 1) + 1, count_below(count, nth, before)
  end
  if newest then
    from = math.max(from, to - limit + 1)
  else
    to = math.min(to, from + limit - 1)
  end
  local places, seqs, entries = {}, {}, {}
  for n = from, to do
    places[#places + 1] = nth(n)
  end
  local lacking = needs(KEYS, 1, 0, places)
  if lacking then
    return lacking
  end
  for i, place in ipairs(places) do
    seqs[i] = struct.pack('>I4', place)
    entries[i] = entry(root, place) or ''
  end
  return { 'ok', seq, table.concat(seqs), entries }
end
