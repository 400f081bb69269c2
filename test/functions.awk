# Prints LINES FILE:LINE FUNCTION for each function of C files in the house format.
FNR == 1 { name = "" }
/^[a-z_][A-Za-z0-9_]*\(/ { name = $0; sub(/\(.*/, "", name); begin = FNR }
/^}/ && name != "" { printf "%5d %s:%d %s\n", FNR - begin + 1, FILENAME, begin, name; name = "" }
/;$/ && !/^[ \t]/ { name = "" }
