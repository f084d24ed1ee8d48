// Package speech is what the Go programs of tests/e2e/clients say and how, as python/speech.py tells
// of all of them: a verb and its arguments come in, lines of JSON go out.
package speech

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// Session and Heartbeat of a member: the shortest session that a broker takes by default, because
// the test waits for it after a kill.
const (
	Session   = 6 * time.Second
	Heartbeat = 500 * time.Millisecond
)

// What `admin` makes.
const (
	Partitions     = 3
	PartitionsMore = 6
	Records        = 30
	RetentionOld   = "604800000"
	RetentionNew   = "3600000"
)

// Line is a line of output.
type Line map[string]any

// Say prints a line.
func Say(line Line) {
	written, err := json.Marshal(line)
	Must(err)
	fmt.Printf("%s\n", written)
}

// Record prints a record.
func Record(partition int32, offset int64, key, value []byte, headers map[string]string, at time.Time) {
	Say(Line{
		"partition": partition, "offset": offset, "key": text(key), "value": text(value),
		"headers": headers, "timestamp": at.UnixMilli(),
	})
}

func text(bytes []byte) any {
	if bytes == nil {
		return nil
	}
	return string(bytes)
}

// Done says that a step of `admin` is done.
func Done(step string) {
	Say(Line{"step": step, "ok": true})
}

// Body is what record `number` of a writer holds.
func Body(prefix string, number int) (key, value string) {
	key = fmt.Sprintf("%s-%d", prefix, number)
	return key, key + ":" + strings.Repeat("x", 100)
}

// Must ends the program where there is an error.
func Must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Check ends the program where something does not hold.
func Check(holds bool, why string, facts ...any) {
	if !holds {
		Must(fmt.Errorf(why, facts...))
	}
}

// Until asks until it is so, for 20 seconds.
func Until(what string, is func() bool) {
	end := time.Now().Add(20 * time.Second)
	for !is() {
		Check(time.Now().Before(end), "not within 20 s: %s", what)
		time.Sleep(50 * time.Millisecond)
	}
}

// Number reads an argument.
func Number(argument string) int64 {
	number, err := strconv.ParseInt(argument, 10, 64)
	Must(err)
	return number
}

// StdinClosed is closed when standard input ends: a member leaves then.
func StdinClosed() <-chan struct{} {
	closed := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(closed)
	}()
	return closed
}

// Verbs are what a program can do.
type Verbs map[string]func(bootstrap string, arguments []string)

// Run runs the verb of the command line.
func Run(verbs Verbs) {
	Check(len(os.Args) >= 3, "BOOTSTRAP VERB ARGS...")
	verb, known := verbs[os.Args[2]]
	Check(known, "no verb %s", os.Args[2])
	verb(os.Args[1], os.Args[3:])
}
