-- Names of live documents between two bounds, in byte order.
local names, expiries = KEYS[1], KEYS[2]
local from, to, now, limit = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local listed, page = {}, 100
while #listed < limit do
  local batch = redis.call('ZRANGEBYLEX', names, from, to, 'LIMIT', 0, page)
  if #batch == 0 then
    break
  end
  local expires = redis.call('ZMSCORE', expiries, unpack(batch))
  for nth, name in ipairs(batch) do
    if #listed < limit and not (expires[nth] and tonumber(expires[nth]) <= now) then
      listed[#listed + 1] = name
    end
  end
  if #batch < page then
    break
  end
  from = '(' .. batch[#batch]
end
return listed
