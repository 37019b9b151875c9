// The same slash command with slack-go and net/http: verify, parse, read the channel's binding, store
// the job in Redis, acknowledge. PORT, REDIS_ADDRESS and SLACK_SIGNING_SECRET say where and how.
package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"regexp"

	"github.com/gomodule/redigo/redis"
	"github.com/slack-go/slack"
)

var option = regexp.MustCompile(`(?:^|\s)repo=(\S+)`)

type job struct {
	Team     string `json:"team_id"`
	Channel  string `json:"channel_id"`
	User     string `json:"user_id"`
	Text     string `json:"text"`
	Response string `json:"response_url"`
	Trigger  string `json:"trigger_id"`
	Repo     string `json:"repo"`
}

func main() {
	secret := os.Getenv("SLACK_SIGNING_SECRET")
	pool := &redis.Pool{
		MaxIdle: 256,
		Dial:    func() (redis.Conn, error) { return redis.Dial("tcp", os.Getenv("REDIS_ADDRESS")) },
	}
	http.HandleFunc("/slack/events", func(w http.ResponseWriter, r *http.Request) {
		verifier, err := slack.NewSecretsVerifier(r.Header, secret)
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, err := io.ReadAll(io.TeeReader(r.Body, &verifier))
		if err != nil || verifier.Ensure() != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		command, err := slack.SlashCommandParse(r)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		store := pool.Get()
		defer store.Close()
		bound, err := redis.String(store.Do("GET", "binding:"+command.TeamID+":"+command.ChannelID))
		if err != nil && err != redis.ErrNil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		work := job{command.TeamID, command.ChannelID, command.UserID, command.Text, command.ResponseURL, command.TriggerID, bound}
		if typed := option.FindStringSubmatch(command.Text); typed != nil {
			work.Repo = typed[1]
		}
		text, err := json.Marshal(work)
		if err == nil {
			_, err = store.Do("XADD", "jobs", "*", "job", text)
		}
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(slack.Msg{ResponseType: slack.ResponseTypeEphemeral, Text: "On it"})
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
