-- KEYS: the session, the lists of the appends. ARGV: nothing, creation (if it is made now), nothing, user, when created
-- and lifetime (packed), last activity (packed), how long the log must be to be found, fence, when the indexes were
-- written, when that of open work was; then for each append its first seq, 'o' and the hash of its op_id or '', the number of its
-- records, and they. Answers the log's length and the creation.

local function data_of(packed, at)
  local flags = string.byte(packed, at)
  at = at + 1 + (has(flags, CONTINUES) and 0 or 8) + (has(flags, HAS_SPAN) and 4 or 0)
  local _
  for _, flag in ipairs({ HAS_OP, HAS_TOPIC }) do
    if has(flags, flag) then
      _, at = struct.unpack('>I4c0', packed, at)
    end
  end
  if has(flags, HAS_KEYS) then
    local count
    count, at = struct.unpack('>I4', packed, at)
    for _ = 1, count do
      _, at = struct.unpack('>I4c0', packed, at)
    end
  end
  if has(flags, HAS_WORK) then
    _, _, at = struct.unpack('>I4c0I4c0', packed, at + 1)
  end
  return string.sub(packed, at + CHECKSUM_BYTES)
end

local function is_there(root, seq, append)
  for i, packed in ipairs(append.records) do
    local place = append.first + i - 1
    local kept = place <= seq and entry(root, place)
    if not kept or data_of(kept, 5) ~= data_of(packed, 1) then
      return false
    end
  end
  return true
end

local function appends_of(ARGV)
  local appends, at = {}, 11
  while at <= #ARGV do
    local count = tonumber(ARGV[at + 2])
    local append = { first = tonumber(ARGV[at]), op = ARGV[at + 1], records = {} }
    for i = 1, count do
      append.records[i] = ARGV[at + 2 + i]
    end
    appends[#appends + 1] = append
    at = at + 3 + count
  end
  return appends
end

-- Writes what is not there yet. Returns the log's length, and whether an append was refused.
local function take_in(root, seq, appends)
  for _, append in ipairs(appends) do
    if append.first == seq + 1 then
      local fields = append.op ~= '' and { append.op, append.first } or {}
      seq = write(root, seq, append.records, 1, marks_of(append.records, 1), fields, {})
    elseif not is_there(root, seq, append) then
      return seq, true
    end
  end
  return seq, false
end

local function copy_in(KEYS, ARGV)
  local root, appends = KEYS[1], appends_of(ARGV)
  local kept = redis.call('HMGET', root, 's', 'q', 'u', 'h', 'a', 'n', 'f')
  local seq, creation = tonumber(kept[1] or 0), kept[2] or ARGV[2]
  local first, last = appends[1], appends[#appends]
  if kept[1] and (kept[3] ~= ARGV[4] or kept[4] ~= ARGV[5]) then
    return { 'SessionExists' }
  end
  if not kept[1] and first and first.first ~= 1 then
    return { 'VersionConflict', 0 }
  end
  local lacking = first and needs(KEYS, first.first, last.first + #last.records - 1)
  if lacking then
    return lacking
  end
  if not intention_holds(ARGV[10]) or (not kept[1] and not intention_holds(ARGV[9])) then
    return { 'Stale' }
  end
  if not kept[1] then
    local fields = first_fields(root, creation, ARGV[4], ARGV[5], ARGV[6])
    redis.call('HSET', root, 's', 0, 'n', 1, unpack(fields))
  end
  local refused
  seq, refused = take_in(root, seq, appends)
  if seq >= tonumber(ARGV[7]) then
    redis.call('HDEL', root, 'n')
  end
  local active, fence = kept[5] or ARGV[6], math.max(tonumber(kept[7] or 0), tonumber(ARGV[8]))
  if struct.unpack('>d', ARGV[6]) > struct.unpack('>d', active) then
    active = ARGV[6]
  end
  redis.call('HSET', root, 'a', active, 'f', fence)
  redis.call(PUBLISH, root, seq)
  return { refused and 'VersionConflict' or 'ok', seq, creation }
end
