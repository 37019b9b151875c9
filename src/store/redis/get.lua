-- The live document: { revision, wake-up, expiry, body }, or nothing.
local document = KEYS[1]
local now = tonumber(ARGV[1])

local found = redis.call('HMGET', document, 'rev', 'wake', 'expires', 'body')
if not found[1] or (found[3] and tonumber(found[3]) <= now) then
  return false
end
return found
