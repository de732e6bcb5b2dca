package pgtest

// Launch starts a server for a program that is no test, such as a measurement.
// The error says what is missing where PostgreSQL is not installed.
func Launch() (*Server, error) {
	bin, err := find()
	if err != nil {
		return nil, err
	}
	return start(bin)
}

// Stop ends a server that Launch started, and removes its data.
func (s *Server) Stop() {
	s.stdin.Close()
	s.cmd.Wait()
}
