-- Names of live documents whose wake-up time has come, earliest first.
local wakes, expiries = KEYS[1], KEYS[2]
local now, limit = ARGV[1], tonumber(ARGV[2])

local due, seen, page = {}, 0, 100
while #due < limit do
  local batch = redis.call('ZRANGEBYSCORE', wakes, '-inf', now, 'LIMIT', seen, page)
  if #batch == 0 then
    break
  end
  local expires = redis.call('ZMSCORE', expiries, unpack(batch))
  for nth, name in ipairs(batch) do
    if #due < limit and not (expires[nth] and tonumber(expires[nth]) <= tonumber(now)) then
      due[#due + 1] = name
    end
  end
  if #batch < page then
    break
  end
  seen = seen + page
end
return due
