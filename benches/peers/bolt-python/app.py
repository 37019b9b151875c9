"""The same slash command on Bolt for Python behind FastAPI: verify, parse, read the channel's binding,
store the job in Redis, acknowledge. PORT, REDIS_URL and SLACK_SIGNING_SECRET say where and how."""

import json
import logging
import os
import re

import uvicorn
from fastapi import FastAPI, Request
from redis.asyncio import Redis
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

logging.disable(logging.WARNING)

redis = Redis.from_url(os.environ["REDIS_URL"])


async def authorize(enterprise_id, team_id):
    """Nothing is asked of Slack here."""
    return AuthorizeResult(
        enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-peer", bot_id="B1", bot_user_id="U1"
    )


app = AsyncApp(signing_secret=os.environ["SLACK_SIGNING_SECRET"], authorize=authorize)


@app.command("/jules")
async def jules(ack, command):
    option = re.search(r"(?:^|\s)repo=(\S+)", command["text"])
    bound = await redis.get(f"binding:{command['team_id']}:{command['channel_id']}")
    fields = ("team_id", "channel_id", "user_id", "text", "response_url", "trigger_id")
    job = {field: command[field] for field in fields}
    job["repo"] = option[1] if option else bound and bound.decode()
    await redis.xadd("jobs", {"job": json.dumps(job)})
    await ack(text="On it", response_type="ephemeral")


api = FastAPI()
handler = AsyncSlackRequestHandler(app)


@api.post("/slack/events")
async def endpoint(request: Request):
    return await handler.handle(request)


uvicorn.run(
    api,
    host="127.0.0.1",
    port=int(os.environ["PORT"]),
    loop="uvloop",
    http="httptools",
    log_level="warning",
    access_log=False,
)
