package proxysql

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// token finds what a configuration file is made of: comments, texts, words, marks.
var token = regexp.MustCompile(`#[^\n]*|//[^\n]*|"(?:[^"\\]|\\.)*"|[A-Za-z0-9_.*:/-]+|[={}();,\[\]]`)

// group is one "{ name=value ... }" of a configuration file, in its order.
type group [][2]string

// parseConfig reads a file in ProxySQL's format into its groups, by name. A value
// outside of any group is a group of its own.
func parseConfig(text string) (map[string][]group, error) {
	var tokens []string
	for _, t := range token.FindAllString(text, -1) {
		if !strings.HasPrefix(t, "#") && !strings.HasPrefix(t, "//") {
			tokens = append(tokens, t)
		}
	}
	p := &parser{tokens: tokens}
	found := map[string][]group{}
	for p.more() {
		name := p.next()
		if p.next() != "=" {
			return nil, fmt.Errorf("no value for %q", name)
		}
		groups, err := p.value()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		found[name] = append(found[name], groups...)
		p.skip(";")
	}
	return found, nil
}

type parser struct{ tokens []string }

func (p *parser) more() bool { return len(p.tokens) > 0 }

func (p *parser) next() string {
	if !p.more() {
		return ""
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t
}

func (p *parser) skip(marks ...string) {
	for p.more() && slices.Contains(marks, p.tokens[0]) {
		p.next()
	}
}

// value reads a scalar, a group, or a list of groups.
func (p *parser) value() ([]group, error) {
	switch first := p.next(); first {
	case "{":
		one, err := p.group()
		return []group{one}, err
	case "(":
		var list []group
		for {
			p.skip(",")
			switch mark := p.next(); mark {
			case ")":
				return list, nil
			case "{":
				one, err := p.group()
				if err != nil {
					return nil, err
				}
				list = append(list, one)
			default:
				return nil, fmt.Errorf("%q in a list", mark)
			}
		}
	case "":
		return nil, fmt.Errorf("the file ends")
	default:
		return []group{{{"", unquote(first)}}}, nil
	}
}

// group reads what follows a "{".
func (p *parser) group() (group, error) {
	g := group{}
	for {
		p.skip(",", ";")
		name := p.next()
		if name == "}" {
			return g, nil
		}
		if name == "" || p.next() != "=" {
			return nil, fmt.Errorf("%q in a group", name)
		}
		g = append(g, [2]string{name, unquote(p.next())})
	}
}

func unquote(text string) string {
	if !strings.HasPrefix(text, `"`) {
		return text
	}
	return regexp.MustCompile(`\\(.)`).ReplaceAllString(text[1:len(text)-1], "$1")
}

// columnOf are columns that a file may call otherwise.
var columnOf = map[string]string{"address": "hostname", "hostgroup": "hostgroup_id"}

// statements turns a configuration into what fills the tables in memory.
func statements(config map[string][]group) (list []string) {
	for _, kind := range []string{"admin", "mysql"} {
		for _, g := range config[kind+"_variables"] {
			for _, pair := range g {
				list = append(list, fmt.Sprintf("REPLACE INTO global_variables VALUES (%s, %s)", quote(kind+"-"+pair[0]), quote(pair[1])))
			}
		}
	}
	for table := range columns {
		for _, g := range config[table] {
			var names, values []string
			for _, pair := range g {
				names, values = append(names, or(columnOf[pair[0]], pair[0])), append(values, quote(pair[1]))
			}
			list = append(list, "REPLACE INTO "+table+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(values, ", ")+")")
		}
	}
	return list
}

func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
