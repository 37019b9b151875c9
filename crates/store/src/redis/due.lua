-- Names and times of live documents whose wake-up time has come, after a place in that order, earliest
-- first.
local wakes, expiries = KEYS[1], KEYS[2]
local now, limit, after, after_name = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]

-- In byte order, as Redis has it: `<` goes by the language of the machine.
local function is_behind(name)
  for at = 1, math.min(#name, #after_name) do
    local one, other = name:byte(at), after_name:byte(at)
    if one ~= other then
      return one > other
    end
  end
  return #name > #after_name
end

local due, found, seen, page = {}, 0, 0, 100
local from = after == '' and '-inf' or after
while found < limit do
  local batch = redis.call('ZRANGEBYSCORE', wakes, from, now, 'WITHSCORES', 'LIMIT', seen, page)
  if #batch == 0 then
    break
  end
  local names = {}
  for at = 1, #batch, 2 do
    names[#names + 1] = batch[at]
  end
  local expires = redis.call('ZMSCORE', expiries, unpack(names))
  for nth, name in ipairs(names) do
    local wake = batch[2 * nth]
    local is_live = not (expires[nth] and tonumber(expires[nth]) <= tonumber(now))
    local is_next = after == '' or tonumber(wake) > tonumber(after) or is_behind(name)
    if found < limit and is_live and is_next then
      due[#due + 1] = name
      due[#due + 1] = wake
      found = found + 1
    end
  end
  if #names < page then
    break
  end
  seen = seen + page
end
return due
