// The intake in Go: net/http/fcgi, one goroutine that commits what waits by one write and one fsync. A 200 means that the
// sync has returned. Of JSON it knows nothing.
//
//	fcgi SOCKET FILE
package main

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
)

type waiting struct {
	line []byte
	done chan error
}

const batchMax = 1024

func commit(file *os.File, queue <-chan waiting) {
	var bytes []byte
	var batch []waiting
	for first := range queue {
		bytes, batch = append(bytes[:0], first.line...), append(batch[:0], first)
	collect:
		for len(batch) < batchMax {
			select {
			case next := <-queue:
				bytes, batch = append(bytes, next.line...), append(batch, next)
			default:
				break collect
			}
		}
		_, err := file.Write(bytes)
		if err == nil {
			err = file.Sync()
		}
		for _, one := range batch {
			one.done <- err
		}
	}
}

func main() {
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	file, err := os.OpenFile(os.Args[2], os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		log.Fatal(err)
	}
	queue := make(chan waiting, batchMax)
	go commit(file, queue)
	log.Fatal(fcgi.Serve(listener, http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil || len(body) == 0 {
			answer.WriteHeader(http.StatusBadRequest)
			return
		}
		one := waiting{append(body, '\n'), make(chan error, 1)}
		queue <- one
		if err := <-one.done; err != nil {
			answer.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		answer.Header().Set("Content-Type", "application/json")
		_, _ = answer.Write([]byte("{}"))
	})))
}
