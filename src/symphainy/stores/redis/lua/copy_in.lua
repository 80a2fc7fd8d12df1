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

local function is_there(session, append)
  for i, packed in ipairs(append.records) do
    local place = append.first + i - 1
    local kept = place <= session.seq and entry_of(session, place)
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

-- Adds what is not there yet. Returns whether an append was refused.
local function take_in(session, appends)
  for _, append in ipairs(appends) do
    if append.first == session.seq + 1 then
      write(session, append.records, 1, marks_of(append.records, 1, #append.records))
      if append.op ~= '' then
        set(session, append.op, append.first)
      end
    elseif not is_there(session, append) then
      return true
    end
  end
  return false
end

local function copy_in(KEYS, ARGV)
  local root, appends = KEYS[1], appends_of(ARGV)
  local session = opened(root, { 's', 'q', 'u', 'h', 'a', 'n', 'f' })
  local kept = session.kept
  local there, creation = kept.s, kept.q or ARGV[2]
  local first, last = appends[1], appends[#appends]
  if there and (kept.u ~= ARGV[4] or kept.h ~= ARGV[5]) then
    return { 'SessionExists' }
  end
  if not there and first and first.first ~= 1 then
    return { 'VersionConflict', 0 }
  end
  local lacking = first and needs(KEYS, first.first, last.first + #last.records - 1)
  if lacking then
    return lacking
  end
  if not intention_holds(ARGV[10]) or (not there and not intention_holds(ARGV[9])) then
    return { 'Stale' }
  end
  if not there then
    begin(session, creation, ARGV[4], ARGV[5], ARGV[6])
    set(session, 'n', 1)
  end
  local refused = take_in(session, appends)
  if struct.unpack('>d', ARGV[6]) > struct.unpack('>d', kept.a) then
    set(session, 'a', ARGV[6])
  end
  set(session, 'f', math.max(tonumber(kept.f or 0), tonumber(ARGV[8])))
  save(session)
  if session.seq >= tonumber(ARGV[7]) then
    redis.call('HDEL', root, 'n')
  end
  redis.call(PUBLISH, root, session.seq)
  return { refused and 'VersionConflict' or 'ok', session.seq, creation }
end
