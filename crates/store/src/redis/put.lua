-- Writes if the live revision is the expected one, and so is that of each document that is given (the
-- keys from the fifth on, their revisions from the tenth argument on); answers whether it did. The new
-- revision is the write's own number: a text here, since Lua would round it.
-- Redis runs one script at a time, but where it refuses a command, it keeps what was done before. So what a full memory
-- refuses comes first, and whether the user has the rights for all of this is asked before anything is accepted
-- (rights.lua).
local document, names, wakes, expiries = unpack(KEYS)
local name, body, expected, wake, expires = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local now, rev, lifetime, forget_before = tonumber(ARGV[6]), ARGV[7], ARGV[8], ARGV[9]

-- The revision among a document's revision and expiry; '' when it is not live.
local function revision(fields)
  local is_live = fields[1] and not (fields[2] and tonumber(fields[2]) <= now)
  return is_live and fields[1] or ''
end

local found = redis.call('HMGET', document, 'rev', 'expires')
local live = revision(found)
-- The answer to this very write was lost on its way, and it was sent again.
if live == rev then
  return 1
end
if live ~= expected then
  return 0
end
for place = 5, #KEYS do
  if revision(redis.call('HMGET', KEYS[place], 'rev', 'expires')) ~= ARGV[place + 5] then
    return 0
  end
end

local fields = { 'rev', rev, 'body', body }
if wake ~= '' then
  fields[#fields + 1] = 'wake'
  fields[#fields + 1] = wake
end
if expires ~= '' then
  fields[#fields + 1] = 'expires'
  fields[#fields + 1] = expires
end
-- First, because after another write Redis would let it pass though its memory is full.
redis.call('HSET', document, unpack(fields))
if expires ~= '' then
  redis.call('PEXPIRE', document, lifetime)
elseif found[2] then
  redis.call('HDEL', document, 'expires')
  redis.call('PERSIST', document)
end
if wake == '' and found[1] then
  redis.call('HDEL', document, 'wake')
end
-- A live document is in the names already.
if live == '' then
  redis.call('ZADD', names, 0, name)
end

local function index(set, score)
  if score == '' then
    redis.call('ZREM', set, name)
  else
    redis.call('ZADD', set, score, name)
  end
end
index(wakes, wake)
index(expiries, expires)

-- The documents themselves go by their lifetime; this takes their names out of the indexes. Each
-- write adds at most one, so any backlog shrinks. A document that is still there is live for a process
-- with another clock than the caller's, and keeps its name. Its key has the hash tag of all others, so it's on
-- this node; a server on which a script reads only the keys it was given answers with an error, and the caller's
-- clock decides.
local prefix = document:sub(1, #document - #name)
for _, over in ipairs(redis.call('ZRANGEBYSCORE', expiries, '-inf', forget_before, 'LIMIT', 0, 16)) do
  if not redis.pcall('HMGET', prefix .. over, 'rev')[1] then
    redis.call('ZREM', names, over)
    redis.call('ZREM', wakes, over)
    redis.call('ZREM', expiries, over)
  end
end
return 1
