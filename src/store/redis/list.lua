-- Names of live documents between two bounds, in byte order.
local names, expiries = KEYS[1], KEYS[2]
local from, to, now, limit = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local listed, page = {}, 100
while #listed < limit do
  local batch = redis.call('ZRANGEBYLEX', names, from, to, 'LIMIT', 0, page)
  for _, name in ipairs(batch) do
    local expires = redis.call('ZSCORE', expiries, name)
    if #listed < limit and not (expires and tonumber(expires) <= now) then
      listed[#listed + 1] = name
    end
  end
  if #batch < page then
    break
  end
  from = '(' .. batch[page]
end
return listed
