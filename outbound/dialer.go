package outbound

import (
	"context"
	"net"
)

// Dialer returns a function that connects where a policy allows it, for what is not spoken over HTTP: mail,
// and looking at certificates. It panics where New does. The error is ErrUnreachable whatever the reason was.
func Dialer(p Policy) func(ctx context.Context, network, address string) (net.Conn, error) {
	c := New(p).Transport.(*client)
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := c.dial(ctx, network, address)
		if err != nil {
			return nil, c.hide(ctx, address, err)
		}
		return conn, nil
	}
}
