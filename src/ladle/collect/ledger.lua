-- One step at a gate's log, whole or not at all: takes what a process knows of the log and what it would append,
-- gives Redis's time, and "done" or the reason why not, with all that is new.
--
-- KEYS  1 log: the events since the checkpoint, one entry each: mark TAB kind TAB permit TAB at TAB now
--       2 head: life (of which log this is), seq and mark (of its newest event), base, base_mark and state (of the
--         checkpoint), turn and till (who goes next, for a moment)
-- ARGV  1-3 life, seq, mark as known   4 the time that was decided with   5 who asks   6 "1": has lost a race
--       7-9 life, seq, mark as they are to be   10 seconds to keep an idle gate   11 checkpoint or ""   12- entries
local time = @TIME@
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local names = {'life', 'seq', 'mark', 'base', 'base_mark', 'turn', 'till'}
local read, head = redis.call('HMGET', KEYS[2], unpack(names)), {}
for n, name in ipairs(names) do head[name] = read[n] or '' end
local seq, base, known = tonumber(head.seq) or 0, tonumber(head.base) or 0, tonumber(ARGV[2])

-- One of the two is gone, or was written in part: that is no log.
if head.life ~= '' and redis.call('LLEN', KEYS[1]) ~= seq - base then
  for _, name in ipairs(names) do head[name] = '' end
  seq, base = 0, 0
end

local function tell(verdict, entries, state)
  return {time[1], time[2], verdict, head.life, seq, head.mark, base, head.base_mark, state or '', entries or {}}
end

local function whole(verdict)
  if head.life == '' then return tell(verdict) end
  return tell(verdict, redis.call('LRANGE', KEYS[1], 0, -1), redis.call('HGET', KEYS[2], 'state'))
end

local function mark_of(number)
  if number == base then return head.base_mark end
  return string.match(redis.call('LINDEX', KEYS[1], number - seq - 1) or '', '^(%x*)')
end

if head.life ~= ARGV[1] then
  if known == 0 then return whole('whole') end
  return whole('lost')
end
if known > seq then return whole('lost') end
if known < base then return whole('whole') end
if known > 0 and mark_of(known) ~= ARGV[3] then return whole('lost') end

local others = head.turn ~= '' and head.turn ~= ARGV[5] and now < tonumber(head.till)
if known < seq then
  if ARGV[6] == '1' and not others then
    redis.call('HSET', KEYS[2], 'turn', ARGV[5], 'till', string.format('%.6f', now + 0.1))
  end
  return tell('new', redis.call('LRANGE', KEYS[1], known - seq, -1))
end
if tonumber(ARGV[4]) > now then return tell('early') end
if head.turn == ARGV[5] then redis.call('HDEL', KEYS[2], 'turn', 'till') end
if tonumber(ARGV[8]) == seq then return tell('done') end
if others then return tell('turn') end

if head.life == '' then redis.call('DEL', KEYS[1], KEYS[2]) end
for n = 12, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[n]) end
redis.call('HSET', KEYS[2], 'life', ARGV[7], 'seq', ARGV[8], 'mark', ARGV[9])
if ARGV[11] ~= '' then
  redis.call('HSET', KEYS[2], 'state', ARGV[11], 'base', ARGV[8], 'base_mark', ARGV[9])
  redis.call('DEL', KEYS[1])
end
redis.call('EXPIRE', KEYS[1], ARGV[10])
redis.call('EXPIRE', KEYS[2], ARGV[10])
return tell('done')
