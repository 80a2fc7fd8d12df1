-- KEYS: the session, its snapshot. ARGV: now. Answers the head of a live session and its snapshot.
local function load(KEYS, ARGV)
  if not live(KEYS[1], now_of(ARGV[1])) then
    return { 'SessionNotFound' }
  end
  return { 'ok', head(KEYS[1]), redis.call('GET', KEYS[2]) }
end
