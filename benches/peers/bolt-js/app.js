// The same slash command on Bolt for JavaScript: verify, parse, read the channel's binding, store
// the job in Redis, acknowledge. `PORT`, `REDIS_URL` and `SLACK_SIGNING_SECRET` say where and how.
const { App, LogLevel } = require("@slack/bolt");
const Redis = require("ioredis");

const redis = new Redis(process.env.REDIS_URL);
const app = new App({
  signingSecret: process.env.SLACK_SIGNING_SECRET,
  // Nothing is asked of Slack here.
  authorize: async () => ({ botToken: "xoxb-peer", botId: "B1", botUserId: "U1" }),
  logLevel: LogLevel.ERROR,
});

app.command("/jules", async ({ command, ack }) => {
  const { team_id, channel_id, user_id, text, response_url, trigger_id } = command;
  const option = /(?:^|\s)repo=(\S+)/.exec(text);
  const bound = await redis.get(`binding:${team_id}:${channel_id}`);
  const job = { team_id, channel_id, user_id, text, response_url, trigger_id };
  job.repo = option ? option[1] : bound;
  await redis.xadd("jobs", "*", "job", JSON.stringify(job));
  await ack({ response_type: "ephemeral", text: "On it" });
});

app.start(Number(process.env.PORT));
