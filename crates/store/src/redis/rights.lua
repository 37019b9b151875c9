-- The rights that this user lacks of those that the scripts and the questions need. What runs this isn't among them.
-- Redis before 7 can't tell, and says nothing.
local document, names = KEYS[1], KEYS[2]
if not redis.acl_check_cmd then
  return {}
end
-- Each has all its arguments: Redis doesn't count them here, and 7.0 crashes where it reads one that isn't there.
local needed = {
  ['script|load'] = { 'SCRIPT', 'LOAD', 'return 1' },
  hdel = { 'HDEL', document, 'wake' },
  hmget = { 'HMGET', document, 'rev' },
  hset = { 'HSET', document, 'rev', '1' },
  persist = { 'PERSIST', document },
  pexpire = { 'PEXPIRE', document, '1' },
  zadd = { 'ZADD', names, '0', 'name' },
  zmscore = { 'ZMSCORE', names, 'name' },
  zrangebylex = { 'ZRANGEBYLEX', names, '-', '+', 'LIMIT', '0', '1' },
  zrangebyscore = { 'ZRANGEBYSCORE', names, '-inf', '+inf', 'WITHSCORES', 'LIMIT', '0', '1' },
  zrem = { 'ZREM', names, 'name' },
}
local lacking = {}
for right, command in pairs(needed) do
  -- It raises an error for a command that this Redis doesn't have.
  local is_known, is_allowed = pcall(redis.acl_check_cmd, unpack(command))
  if not (is_known and is_allowed) then
    lacking[#lacking + 1] = right
  end
end
table.sort(lacking)
return lacking
