//! No secret is shown, whatever its form and the spelling of its key, in any format; and invisible
//! characters are escaped.

use crate::program::{Folder, RULES};

/// A secret that cannot be recognized by its form.
const SECRET: &str = "Tr0ub4dor-and-3";

const FORMATS: [&str; 7] = ["human", "short", "json", "sarif", "github", "junit", "markdown"];

/// A config with a secret at `@`, and a fault next to it so that its line is quoted.
const SPELLINGS: [&str; 62] = [
    "HoneycombLogger:\n  APIKey: @\n  Nope: 1\n",
    "HoneycombLogger:\n  APIKey: \"@\"\n  Nope: 1\n",
    "HoneycombLogger:\n  APIKey: '@'\n  Nope: 1\n",
    "HoneycombLogger:\n  APIKey: \"a # @\"\n  Nope: 1\n",
    "HoneycombLogger:\n  APIKey: @#@\n  Nope: 1\n",
    "HoneycombLogger:\n  APIKey:   @   # mine\n  Nope: 1\n",
    "HoneycombLogger:\n  APIKey: !!str @\n  Nope: 1\n",
    "HoneycombLogger:\n  APIKey: &key @\n  Nope: *key\n",
    "HoneycombLogger:\n  Nope: &key @\n  APIKey: *key\n",
    "HoneycombLogger:\n  APIKey: |\n    @\n  Nope: 1\n",
    "HoneycombLogger:\n  APIKey: >-\n    @\n  Nope: 1\n",
    "HoneycombLogger:\n  APIKey:\n    @\n  Nope: 1\n",
    "HoneycombLogger:\n  APIKey: \"x\n    @\"\n  Nope: 1\n",
    "HoneycombLogger:\n  APIKey: x\n    @\n  Nope: 1\n",
    "HoneycombLogger:\n  \"APIKey\": @\n  Nope: 1\n",
    "HoneycombLogger:\n  ? APIKey\n  : @\n  Nope: 1\n",
    "HoneycombLogger: {APIKey: @, Nope: 1}\n",
    "HoneycombLogger: {Nope: 1, APIKey: \"@\"}\n",
    "HoneycombLogger:\n  APIkey: @\n",
    "HoneycombLogger:\n  ApiKey: @\n",
    "HoneycombLogger:\n  api_key: @\n",
    "HoneycombLogger:\n  api-key: @\n",
    "HoneycombLogger:\n  APIKye: @\n",
    "HoneycombLogger:\n  LoggerAPIKey: @\n",
    "HoneycombLogger:\n  APIKeys: [@]\n",
    "HoneycombLogger:\n  APIKey:@\n",
    "HoneycombLogger:\n  APIKey : @\n  Nope: 1\n",
    "HoneycombLogger:\n  APIKey = @\n",
    "HoneycombLogger:\n   APIKey: @\n  Nope: 1\n",
    "HoneycombLogger:\n  APIKey: \"@\n  Nope: 1\n",
    "HoneycombLogger:\n  APIKey: [@]\n  Nope: 1\n",
    "HoneycombLogger:\n  APIKey: {x: @}\n  Nope: 1\n",
    "HoneycombLogger:\n\tAPIKey: @\n",
    "HoneycombLogger:\r\n  APIKey: @\r\n  Nope: 1\r\n",
    "APIKey: @\n",
    "OTelMetrics:\n  APIKey: @\n  Nope: 1\n",
    "OTelTracing:\n  APIKey: @\n  Nope: 1\n",
    "AccessKeys:\n  SendKey: @\n  Nope: 1\n",
    "AccessKeys:\n  Sendkey: @\n",
    "AccessKeys:\n  ReceiveKeys: [@]\n  Nope: 1\n",
    "AccessKeys:\n  ReceiveKeys: [a, \"@\"]\n  Nope: 1\n",
    "AccessKeys:\n  ReceiveKeys:\n    - @\n    - 1\n  Nope: 1\n",
    "AccessKeys:\n  ReceiveKeys:\n  - '@'\n  Nope: 1\n",
    "AccessKeys:\n  ReceiveKeys: @\n",
    "AccessKeys:\n  ReceiveKeys: [a,\n    @]\n  Nope: 1\n",
    "AccessKeys:\n  ReceiveKeys: [@\n  Nope: 1\n",
    "AccessKeys:\n  RecieveKeys:\n    - @\n",
    "Debugging:\n  QueryAuthToken: @\n  Nope: 1\n",
    "Debugging:\n  QueryAuthTokn: @\n",
    "RedisPeerManagement:\n  Password: @\n  Nope: 1\n",
    "RedisPeerManagement:\n  Password: @\n  Password: @\n",
    "RedisPeerManagement:\n  Passwrd: @\n",
    "RedisPeerManagement:\n  Passwd: @\n",
    "RedisPeerManagement:\n  AuthCode: @\n  Nope: 1\n",
    "RedisPeerManagement:\n  Authcode: @\n",
    "RedisPeerManagement:\n  Host: redis://me:@(at)redis:6379\n",
    "Network:\n  AdditionalHeaders:\n    Authorization: @\n  Nope: 1\n",
    "Network:\n  AdditionalHeaders: {x-team: \"@\"}\n  Nope: 1\n",
    "Network:\n  AdditionalHeaders:\n    x-team:\n      - @\n",
    "Network:\n  AdditionalHeader:\n    x-team: @\n",
    "Network:\n  additionalHeaders:\n    x-team: '@'\n",
    "Network:\n  HoneycombAPI: @\nRedisPeerManagement:\n  Password: @\n",
];

fn assert_hidden(what: &str, text: &str) {
    for part in [SECRET, "Tr0ub4dor"] {
        assert!(!text.contains(part), "{what}:\n{text}");
    }
}

fn assert_all_hidden(folder: &Folder, what: &str, arguments: &[&str]) {
    for format in FORMATS {
        let arguments = [&["check", "--output-format", format], arguments].concat();
        let ran = folder.run(&arguments);
        assert!([0, 1, 2].contains(&ran.status), "{what}: {}", ran.errors);
        assert_hidden(&format!("{what} {arguments:?}"), &(ran.output + &ran.errors));
    }
}

#[test]
fn secrets_are_masked_in_every_spelling_and_format() {
    for config in SPELLINGS {
        let config = format!("General:\n  ConfigurationVersion: 2\n{config}");
        let config = config.replace('@', SECRET).replace("(at)", "@");
        let folder = Folder::new(&[("config.yaml", &config), ("rules.yaml", RULES)]);
        assert_all_hidden(&folder, &config, &["config.yaml", "rules.yaml"]);
        for arguments in [
            &["check", "--diff", "--unsafe-fixes", "-c", "config.yaml"][..],
            &["effective", "-c", "config.yaml"],
            &["effective", "--output-format", "json", "-c", "config.yaml"],
            &["rehearse", "-c", "config.yaml"],
            &["rehearse", "--output-format", "json", "-c", "config.yaml"],
        ] {
            let ran = folder.run(arguments);
            assert_hidden(&format!("{config} {arguments:?}"), &(ran.output + &ran.errors));
        }
    }
}

#[test]
fn secrets_are_masked_in_other_formats_and_containers() {
    for (name, text) in [
        (
            "c.json",
            "{\"General\":{\"ConfigurationVersion\":2},\"HoneycombLogger\":{\"APIKey\":\"@\",\"Nope\":1}}",
        ),
        ("c.json", "{\n \"RedisPeerManagement\": {\n  \"Passwrd\": \"@\"\n }\n}\n"),
        ("c.json", "{\"AccessKeys\": {\"ReceiveKeys\": [\"@\", \"@\"], \"Nope\": 1}}"),
        ("c.toml", "[HoneycombLogger]\nAPIKey = \"@\"\nNope = 1\n"),
        ("c.toml", "[Network.AdditionalHeaders]\nAuthorization = '@'\n[Nope]\n"),
        ("c.toml", "Network.AdditionalHeaders.x = \"@\"\nNope = 1\n"),
        ("c.toml", "[AccessKeys]\nReceiveKeys = [\n  \"@\",\n]\nNope = 1\n"),
        ("c.toml", "[RedisPeerManagement]\nPassword = \"\"\"\n@\"\"\"\nNope = 1\n"),
    ] {
        let folder = Folder::new(&[(name, &text.replace('@', SECRET))]);
        assert_all_hidden(&folder, text, &["-c", name]);
    }
    let inner =
        "General:\n      ConfigurationVersion: 2\n    RedisPeerManagement:\n      Passwrd: @\n";
    for text in [
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  config.yaml: |\n    {inner}"
        ),
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\nstringData:\n  config.yaml: |\n    {inner}"
        ),
    ] {
        let folder = Folder::new(&[("map.yaml", &text.replace('@', SECRET))]);
        assert_all_hidden(&folder, &text, &["map.yaml"]);
    }
}

#[test]
fn secrets_from_the_command_line_are_masked() {
    let config = "General:\n  ConfigurationVersion: 2\nHoneycombLogger:\n  APIKey: ${K}\n";
    let folder = Folder::new(&[("config.yaml", config), ("x.env", &format!("K={SECRET}\n"))]);
    let variable = format!("K={SECRET}");
    let override_of = format!("REFINERY_HONEYCOMB_LOGGER_API_KEY={SECRET}");
    assert_all_hidden(&folder, "--env", &["-c", "config.yaml", "--env", &variable]);
    assert_all_hidden(&folder, "--env", &["-c", "config.yaml", "--env", &override_of]);
    assert_all_hidden(&folder, "--env-file", &["-c", "config.yaml", "--env-file", "x.env"]);
    assert_all_hidden(&folder, "--env without =", &["-c", "config.yaml", "--env", SECRET]);
    let flag = format!("--honeycomb-api-key={SECRET}");
    assert_all_hidden(&folder, "a flag", &["-c", "config.yaml", "--", &flag]);
    folder.write("machine.toml", format!("[variables]\nX_API_KEY = \"{SECRET}\" 1\n").as_bytes());
    assert_all_hidden(&folder, "--machine", &["-c", "config.yaml", "--machine", "machine.toml"]);
}

/// Everything else stays readable, or the report would be useless.
#[test]
fn everything_else_stays_readable() {
    let config = "General:\n  ConfigurationVersion: 2\nAccessKeys:\n  ReceiveKeys: ['*']\n\
                  HoneycombLogger:\n  APIKey: ${KEY}\n  Nope: word\n";
    let folder = Folder::new(&[("config.yaml", config)]);
    let ran = folder.run(&["check", "-c", "config.yaml"]);
    for part in ["${KEY}", "Nope: word"] {
        assert!(ran.output.contains(part), "{part}: {}", ran.output);
    }
}

#[test]
fn invisible_characters_are_escaped() {
    const HIDDEN: [char; 12] = [
        '\u{1b}',
        '\u{85}',
        '\u{ad}',
        '\u{61c}',
        '\u{115f}',
        '\u{180e}',
        '\u{200b}',
        '\u{202e}',
        '\u{2060}',
        '\u{3164}',
        '\u{feff}',
        '\u{e0041}',
    ];
    let tail: String = HIDDEN.iter().filter(|c| !c.is_control()).collect();
    let config = format!("General:\n  ConfigurationVersion: 2\n  \"A{tail}\": \"\\e[2J\"\n");
    let folder = Folder::new(&[("config.yaml", &config)]);
    let name = format!("a{}b.yaml", HIDDEN.iter().collect::<String>());
    folder.write(&name, config.as_bytes());
    for format in FORMATS {
        for file in ["config.yaml", &name] {
            let ran = folder.run(&["check", "--output-format", format, "-c", file]);
            let said = ran.output + &ran.errors;
            let raw: Vec<char> = HIDDEN.into_iter().filter(|c| said.contains(*c)).collect();
            assert!(raw.is_empty(), "{format}: {raw:?} in {said:?}");
        }
    }
}

#[test]
fn names_cannot_become_workflow_commands() {
    let broken = "General:\n  Nope: 1\n  \"::add-mask::x ##[error]y\": 1\n";
    let name = "a\n::add-mask::x/config.yaml";
    let folder = Folder::new(&[(name, broken), ("::add-mask::y.yaml", broken)]);
    for format in FORMATS {
        for file in [name, "::add-mask::y.yaml", "a\n::add-mask::x", "\n::error::none.yaml"] {
            let ran = folder.run(&["check", "--output-format", format, file]);
            let said = ran.output + &ran.errors;
            let commands = said.lines().filter(|line| {
                let line = line.trim();
                let ours = ["::error file=", "::warning file=", "::notice file="];
                let is_ours =
                    format == "github" && ours.iter().any(|start| line.starts_with(start));
                line.starts_with("::") && !is_ours || format != "github" && line.contains("##[")
            });
            assert_eq!(commands.collect::<Vec<_>>(), [""; 0], "{format} {file:?}");
        }
    }
}
