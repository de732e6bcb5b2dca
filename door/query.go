package door

import (
	"fmt"
	"net/url"

	"binnacle/model"
	"binnacle/practice"
)

// ReadQuery reads the parameters of a question as they stand in an address, such as
// within=365d&kinds=Host&kinds=Service. Names that the question does not have
// are an error; as_of, at and scenario, which are not parameters, are passed over, and so is what is empty.
func ReadQuery(a practice.Asked, query string) (map[string]any, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, model.Problem{Field: "parameters", Text: fmt.Sprintf("%q cannot be read as the part of an address behind the question mark", query)}
	}
	return Parameters(a, values)
}
