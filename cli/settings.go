package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v4"
)

// settings are the values of flags that come from the environment and from a file.
type settings struct {
	getenv func(string) string
	file   string
	values map[string]any
	read   bool
}

// newSettings returns the settings for some arguments. The file is read when the first value is asked for.
func newSettings(getenv func(string) string, args []string) *settings {
	s := &settings{getenv: getenv, file: getenv("BINNACLE_CONFIG")}
	for i, a := range args {
		if name, ok := strings.CutPrefix(a, "--config="); ok {
			s.file = name
		} else if a == "--config" && i+1 < len(args) {
			s.file = args[i+1]
		}
	}
	return s
}

// Validate finds nothing wrong: values are checked as those of flags are.
func (s *settings) Validate(*kong.Application) error { return nil }

// Resolve returns the value of a flag of the server, and of where the estate is, where neither was given as a flag.
func (s *settings) Resolve(_ *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
	server := parent.Command != nil && parent.Command.Name == "serve"
	place := parent.App != nil && (flag.Name == "data" || flag.Name == "database")
	if !server && !place || flag.Name == "config" {
		return nil, nil
	}
	if text := s.getenv("BINNACLE_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))); text != "" && server {
		return text, nil
	}
	if err := s.load(parent.Node()); err != nil {
		return nil, err
	}
	value, ok := s.values[flag.Name]
	if !ok || place && (s.getenv("BINNACLE_DATA") != "" || s.getenv("BINNACLE_DATABASE") != "") {
		return nil, nil
	}
	if list, ok := value.([]any); ok {
		texts := make([]string, len(list))
		for i, one := range list {
			texts[i] = fmt.Sprint(one)
		}
		return strings.Join(texts, ","), nil
	}
	return fmt.Sprint(value), nil
}

// maxSettings is how long a file of settings may be.
const maxSettings = 1 << 20

// load reads the file. A name that no flag has is an error, because a setting with a slip in its name would silently do nothing.
func (s *settings) load(node *kong.Node) error {
	if s.read || s.file == "" {
		return nil
	}
	s.read = true
	data, err := os.ReadFile(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("--config: there is no file %s", s.file)
	} else if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	if len(data) > maxSettings {
		return fmt.Errorf("--config: %s is too long for settings", s.file)
	}
	if err := yaml.Unmarshal(data, &s.values); err != nil {
		return fmt.Errorf("--config: %s: %w", s.file, err)
	}
	known := []string{"data", "database"}
	for node.Parent != nil {
		node = node.Parent
	}
	for _, command := range node.Children {
		if command.Name == "serve" {
			for _, f := range command.Flags {
				known = append(known, f.Name)
			}
		}
	}
	for name := range s.values {
		if !slices.Contains(known, name) {
			return fmt.Errorf("--config: %s: there is no setting %q%s", s.file, name, suggest(name, known))
		}
	}
	return nil
}
