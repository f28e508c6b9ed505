/// Scripts that complete command lines of ossmirror, generated from ``CommandTable``.
enum Completion {
    enum Shell: String, CaseIterable, Sendable { case bash, zsh, fish }

    static func script(for shell: Shell) -> String {
        switch shell {
        case .bash: bash
        case .zsh: zsh
        case .fish: fish
        }
    }

    private static let verbs = CommandTable.commands.map(\.verb.rawValue)

    // MARK: bash

    private static var bash: String {
        """
        # Completion of ossmirror for bash. Load it with: source <(ossmirror completion bash)
        _ossmirror() {
            # bash splits words at ':' and '=', so the line is split again, at blanks only.
            local line=${COMP_LINE:0:COMP_POINT} words word previous verb values index=0 last i
            read -ra words <<< "$line"
            if [[ $line == *[[:space:]] ]]; then words+=(""); fi
            last=$((${#words[@]} - 1))
            word=${words[last]} previous=${words[last-1]} verb=${words[1]}
            if [[ $word == --*=* ]]; then previous=${word%%=*} word=${word#*=}; fi
            COMPREPLY=()
            if ((last <= 1)); then
                _ossmirror_words "\((verbs + ["help", "--help", "--version"]).joined(separator: " "))" "$word"
                return
            fi
            case $verb in
        \(CommandTable.commands.map(bashValues).joined(separator: "\n"))
            esac
            for ((i = 2; i < last; i++)); do
                if [[ ${words[i]} != -?* ]]; then
                    index=$((index + 1))
                elif [[ $values == *" ${words[i]} "* ]]; then
                    i=$((i + 1))
                fi
            done
            case $verb in
            help) _ossmirror_words "\(verbs.joined(separator: " "))" "$word" ;;
        \(CommandTable.commands.map(bashCase).joined(separator: "\n"))
            esac
        }
        _ossmirror_words() {
            local item
            while IFS= read -r item; do COMPREPLY+=("$item"); done < <(compgen -W "$1" -- "$2")
        }
        _ossmirror_files() {
            local item
            while IFS= read -r item; do COMPREPLY+=("$item"); done < <(compgen "$1" -- "$2")
            compopt -o filenames 2> /dev/null
        }
        _ossmirror_addresses() {
            # A word with a colon cannot be replaced as a whole.
            if [[ $1 != *:* && oss:// == "$1"* ]]; then
                COMPREPLY+=("oss://")
                compopt -o nospace 2> /dev/null
            fi
        }
        complete -F _ossmirror ossmirror

        """
    }

    /// Returns the case that lists the options whose next word is a value.
    private static func bashValues(_ command: CommandDescription) -> String {
        "    \(command.verb.rawValue)) values=\"\(valuedNames(command).map { " \($0)" }.joined()) \" ;;"
    }

    private static func valuedNames(_ command: CommandDescription) -> [String] {
        command.allOptions.filter { $0.value != nil }.flatMap { [$0.short, $0.name].compactMap { $0 } }
    }

    private static func bashCase(_ command: CommandDescription) -> String {
        var lines = ["    \(command.verb.rawValue))"]
        let valued = command.allOptions.compactMap { option in option.value.map { (option, $0) } }
        if !valued.isEmpty {
            lines.append("        case $previous in")
            for (option, value) in valued {
                let names = [option.short, option.name].compactMap { $0 }.joined(separator: "|")
                lines.append("        \(names)) \(bashAction(value)); return ;;")
            }
            lines.append("        esac")
        }
        let options = command.allOptions.flatMap { [$0.short, $0.name].compactMap { $0 } } + ["--help"]
        lines += [
            "        if [[ $word == -* ]]; then",
            "            _ossmirror_words \"\(options.joined(separator: " "))\" \"$word\"", "            return",
            "        fi",
        ]
        let operands = command.operands.enumerated().compactMap { index, operand in
            bashAction(operand.kind).map { "        \(operand.repeats ? "*" : String(index))) \($0) ;;" }
        }
        if !operands.isEmpty { lines += ["        case $index in"] + operands + ["        esac"] }
        return (lines + ["        ;;"]).joined(separator: "\n")
    }

    private static func bashAction(_ value: Option.Value) -> String {
        switch value {
        case .choice(let words): #"_ossmirror_words "\#(words.joined(separator: " "))" "$word""#
        case .file: #"_ossmirror_files -f "$word""#
        case .directory: #"_ossmirror_files -d "$word""#
        case .text, .size, .rate, .time, .age, .date, .number: ":"
        }
    }

    private static func bashAction(_ kind: Operand.Kind) -> String? {
        switch kind {
        case .path: #"_ossmirror_files -f "$word""#
        case .object, .prefix, .bucket, .service: #"_ossmirror_addresses "$word""#
        case .any: #"_ossmirror_files -f "$word"; _ossmirror_addresses "$word""#
        case .command: #"_ossmirror_words "\#(verbs.joined(separator: " "))" "$word""#
        case .word(let words): #"_ossmirror_words "\#(words.joined(separator: " "))" "$word""#
        case .text: nil
        }
    }

    // MARK: zsh

    private static var zsh: String {
        let rows = CommandTable.commands.map { "        \(quoted($0.verb.rawValue + ":" + $0.summary))" }
        return """
            #compdef ossmirror
            # Completion of ossmirror for zsh. Load it with: source <(ossmirror completion zsh)
            _ossmirror() {
                local -a commands
                commands=(
            \(rows.joined(separator: "\n"))
                )
                if (( CURRENT == 2 )); then
                    _describe -t commands command commands
                    return
                fi
                local verb=$words[2]
                shift words
                (( CURRENT-- ))
                case $verb in
                help) _describe -t commands command commands ;;
            \(CommandTable.commands.map(zshCase).joined(separator: "\n"))
                esac
            }
            _ossmirror_address() { compadd -S '' -- oss://; }
            if [[ $funcstack[1] == _ossmirror ]]; then _ossmirror "$@"; else compdef _ossmirror ossmirror; fi

            """
    }

    private static func zshCase(_ command: CommandDescription) -> String {
        var specifications = command.allOptions.flatMap { option in
            [option.short, option.name].compactMap { $0 }.map { name in
                let text = option.summary.replacing("[", with: "(").replacing("]", with: ")")
                let value = option.value.map { ":\(option.name.drop { $0 == "-" }):\(zshAction($0))" } ?? ""
                let isLong = name.hasPrefix("--") && option.value != nil
                return quoted("*\(name)\(isLong ? "=" : "")[\(escaped(text))]\(value)")
            }
        }
        specifications.append(quoted("(- *)--help[print the help of the command]"))
        for (index, operand) in command.operands.enumerated() {
            let place = operand.repeats ? "*" : "\(index + 1)"
            specifications.append(
                quoted(
                    "\(place):\(operand.isOptional && !operand.repeats ? ":" : "")\(escaped(operand.placeholder)):\(zshAction(operand.kind))"
                ))
        }
        return "    \(command.verb.rawValue))\n        _arguments -s -S \\\n            "
            + specifications.joined(separator: " \\\n            ") + " ;;"
    }

    private static func zshAction(_ value: Option.Value) -> String {
        switch value {
        case .choice(let words): "(\(words.joined(separator: " ")))"
        case .file: "_files"
        case .directory: "_files -/"
        case .text, .size, .rate, .time, .age, .date, .number: " "
        }
    }

    private static func zshAction(_ kind: Operand.Kind) -> String {
        switch kind {
        case .path: "_files"
        case .object, .prefix, .bucket, .service: "_ossmirror_address"
        case .any: "{_files; _ossmirror_address}"
        case .command: "(\(verbs.joined(separator: " ")))"
        case .word(let words): "(\(words.joined(separator: " ")))"
        case .text: " "
        }
    }

    /// Escapes the separator of fields in a specification of zsh.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing(":", with: "\\:")
    }

    // MARK: fish

    private static var fish: String {
        var lines = [
            "# Completion of ossmirror for fish. Load it with: ossmirror completion fish | source",
            "# Prints the number of complete arguments. Its own arguments are the options that take a value.",
            "function __ossmirror_operands",
            "    set -l words (commandline -opc)",
            "    set -l count 0",
            "    set -l isValue 0",
            "    for word in $words[3..-1]",
            "        if test $isValue = 1",
            "            set isValue 0",
            "        else if contains -- $word $argv",
            "            set isValue 1",
            "        else if not string match -q -- '-?*' $word",
            "            set count (math $count + 1)",
            "        end",
            "    end",
            "    echo $count",
            "end",
            "# Returns whether a word is the command. An operand can have the name of another command.",
            "function __ossmirror_command",
            "    set -l words (commandline -opc)",
            "    set -q words[2]; and test $words[2] = $argv[1]",
            "end",
            "complete -c ossmirror -f",
            "complete -c ossmirror -l help -d 'print the help'",
            "complete -c ossmirror -n __fish_use_subcommand -l version -d 'print the version'",
            "complete -c ossmirror -n __fish_use_subcommand -a help -d 'print the help of a command'",
            "complete -c ossmirror -n '__ossmirror_command help' -a \(quoted(verbs.joined(separator: " ")))",
        ]
        for command in CommandTable.commands {
            let verb = command.verb.rawValue
            lines.append(
                "complete -c ossmirror -n __fish_use_subcommand -a \(verb) -d \(fishQuoted(command.summary))")
            let condition = "complete -c ossmirror -n '__ossmirror_command \(verb)'"
            for option in command.allOptions {
                let short = option.short.map { " -s \($0.dropFirst())" } ?? ""
                let value = option.value.map { " -x" + fishAction($0) } ?? ""
                lines.append(
                    "\(condition)\(short) -l \(option.name.dropFirst(2))\(value) -d \(fishQuoted(option.summary))")
            }
            for (index, operand) in command.operands.enumerated() {
                guard let action = fishAction(operand.kind) else { continue }
                let count = "(__ossmirror_operands \(valuedNames(command).joined(separator: " ")))"
                let test = "test \(count) -\(operand.repeats ? "ge" : "eq") \(index)"
                lines.append("complete -c ossmirror -n '__ossmirror_command \(verb); and \(test)' \(action)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func fishAction(_ value: Option.Value) -> String {
        switch value {
        case .choice(let words): " -a \(fishQuoted(words.joined(separator: " ")))"
        case .file: " -a '(__fish_complete_path (commandline -ct))'"
        case .directory: " -a '(__fish_complete_directories (commandline -ct))'"
        case .text, .size, .rate, .time, .age, .date, .number: ""
        }
    }

    private static func fishAction(_ kind: Operand.Kind) -> String? {
        switch kind {
        case .path: "-F"
        case .object, .prefix, .bucket, .service: "-a oss://"
        case .any: "-F -a oss://"
        case .command: "-a \(fishQuoted(verbs.joined(separator: " ")))"
        case .word(let words): "-a \(fishQuoted(words.joined(separator: " ")))"
        case .text: nil
        }
    }

    // MARK: Quoting

    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: #"'\''"#) + "'" }

    private static func fishQuoted(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}
