package sqlite

import (
	"context"
	"database/sql/driver"
)

// connector opens connections without a name in the global list of drivers.
type connector struct {
	driver driver.Driver
	where  string
}

// Connect opens a connection.
func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.where) }

// Driver returns the driver behind the connections.
func (c connector) Driver() driver.Driver { return c.driver }
