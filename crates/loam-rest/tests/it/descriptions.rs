//! Descriptions: that all of ours can be read, and what authors are told.

use loam_diag::SourceMap;
use loam_provider::ProviderType;
use loam_rest::RestProviderType;

use crate::world::shown;

fn problems(text: &str) -> String {
    problems_of(&[("mine.hcl", text)])
}

fn problems_of(files: &[(&str, &str)]) -> String {
    let sources = SourceMap::default();
    match RestProviderType::parse(&sources, files.iter().copied()) {
        Ok(_) => String::from("none"),
        Err(d) => shown(&sources, &d),
    }
}

#[test]
fn every_embedded_description_can_be_read() {
    for description in loam_clouds::all() {
        let sources = SourceMap::default();
        let parsed = RestProviderType::parse(&sources, description.files.iter().copied());
        let parsed = parsed.unwrap_or_else(|d| panic!("{}", shown(&sources, &d)));
        assert_eq!(parsed.name(), description.name);
        for (kind, schema) in &parsed.schema().resources {
            assert!(
                !schema.block.description.is_empty(),
                "{kind} says nothing of itself"
            );
        }
    }
}

#[test]
fn all_problems_are_told_with_their_places() {
    let text = r#"
provider "mine" {
  source   = "example.com/me/mine"
  version  = "1.0.0"
  base_url = "https://example.com"
  heders   = { A = "b" }
  paging "pages" {
    style = "pagse"
    size  = 100
    param = "page"
  }
}

resource "mine_thing" {
  attribute "id" {
    type     = string
    computed = true
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "size" {
    type = number
  }
  create {
    request "create" {
      path = "/things"
      body = { name = slef.name }
    }
  }
  read {
    request "read" {
      path = "/things/${self.id}"
    }
  }
}

resource "other_thing" {
  attribute "id" {
    type     = string
    computed = true
  }
  create {
    request "create" {
      path = "/things"
    }
  }
  read {
    request "read" {
      path = "/things/${self.id}"
    }
  }
  delete {
    request "delete" {}
  }
}
"#;
    insta::assert_snapshot!(problems(text));
}

#[test]
fn syntax_errors_have_places() {
    let said = problems("provider \"mine\" {\n  source = \n}\n");
    assert!(said.starts_with("mine.hcl:2,"), "{said}");
}

/// A thing that can be made, read and deleted, without what `thing` adds.
const THING: &str = r#"
resource "mine_thing" {
  use = ["identified", "readable"]
  attribute "name" {
    use      = "text"
    required = true
  }
  update "name" {
    attributes = ["name"]
    request "rename" {
      path = "/things/${self.id}"
      body = { name = self.name }
    }
  }
  create {
    request "create" {
      path   = "/things"
      body   = { name = self.name }
      object = response
    }
  }
  delete {
    request "delete" {
      path = "/things/${self.id}"
    }
  }
}
"#;

const MINE: &str = r#"
provider "mine" {
  source   = "example.com/me/mine"
  version  = "1.0.0"
  base_url = "https://example.com"
}
"#;

#[test]
fn several_files_are_one_description_and_templates_hold_what_blocks_share() {
    let templates = r#"
template "identified" {
  attribute "id" {
    use      = "text"
    computed = true
  }
}

template "readable" {
  read {
    request "read" {
      path = "/things/${self.id}"
    }
  }
}

template "text" {
  type = string
}
"#;
    let files = [
        ("mine/provider.hcl", MINE),
        ("mine/thing.hcl", THING),
        ("mine/shared.hcl", templates),
    ];
    let sources = SourceMap::default();
    let parsed = RestProviderType::parse(&sources, files);
    let parsed = parsed.unwrap_or_else(|d| panic!("{}", shown(&sources, &d)));
    let thing = &parsed.schema().resources["mine_thing"].block.attributes;
    assert_eq!(
        thing.keys().map(|k| &**k).collect::<Vec<_>>(),
        ["id", "name"]
    );
    assert!(thing["id"].computed && thing["name"].required);
}

#[test]
fn what_a_block_says_itself_counts_more_than_its_template() {
    let shared = r#"
template "readable" {
  deprecated = "use another"
  attribute "note" {
    type     = number
    computed = true
  }
  attribute "name" {
    type     = number
    required = true
  }
  read {
    request "read" {
      path = "/things/${self.id}"
    }
  }
}

template "identified" {
  deprecated  = "not this"
  attribute "id" {
    use      = "text"
    computed = true
  }
  attribute "note" {
    use      = "text"
    computed = true
  }
}

template "text" {
  type = string
}
"#;
    let thing = THING.replace(
        r#"["identified", "readable"]"#,
        r#"["readable", "identified"]"#,
    );
    let sources = SourceMap::default();
    let parsed = RestProviderType::parse(
        &sources,
        [("a.hcl", MINE), ("b.hcl", &thing), ("c.hcl", shared)],
    );
    let parsed = parsed.unwrap_or_else(|d| panic!("{}", shown(&sources, &d)));
    let block = &parsed.schema().resources["mine_thing"].block;
    assert_eq!(block.deprecated.as_deref(), Some("use another"));
    assert_eq!(block.attributes["name"].ty, loam_value::Type::String);
    assert_eq!(block.attributes["note"].ty, loam_value::Type::Number);
}

#[test]
fn problems_of_templates_and_of_several_files_name_their_files() {
    let shared = r#"
template "identified" {
  use = "identified"
  attribute "id" {
    type     = strig
    computed = true
  }
}

template "left_over" {
}

template "readable" {
  read {
    request "read" {
      path = "/things/${slef.id}"
    }
  }
}
"#;
    let twice = THING.replace("mine_thing", "mine_other");
    let files = [
        ("mine/provider.hcl", MINE),
        ("mine/thing.hcl", THING),
        ("mine/other.hcl", &twice),
        ("mine/shared.hcl", shared),
    ];
    insta::assert_snapshot!(problems_of(&files));
    let said = problems_of(&[("a.hcl", "provider {"), ("b.hcl", "}")]);
    assert!(
        said.contains("a.hcl:1,") && said.contains("b.hcl:1,"),
        "{said}"
    );
}

/// What is told of a thing whose block has `{more}`, a create request with `{create}` in it,
/// and an update that is `{update}`.
fn told(more: &str, create: &str, update: &str) -> String {
    let thing = format!(
        r#"
resource "mine_thing" {{
  attribute "id" {{
    type     = string
    computed = true
  }}
  attribute "name" {{
    type     = string
    required = true
  }}
  {more}
  create {{
    request "create" {{
      path   = "/things"
      body   = {{ name = self.name }}
      object = response
      {create}
    }}
  }}
  read {{
    request "read" {{
      path = "/things/${{self.id}}"
    }}
  }}
  {update}
  delete {{
    request "delete" {{
      path = "/things/${{self.id}}"
    }}
  }}
}}
"#
    );
    problems_of(&[("mine.hcl", &format!("{MINE}{thing}"))])
}

const RENAME: &str = r#"update "name" {
    attributes = ["name"]
    request "rename" {
      path = "/things/${self.id}"
      body = { name = self.name }
    }
  }"#;

#[test]
fn a_wait_inside_a_creation_that_cannot_be_repeated_is_refused() {
    let wait = r#"wait "ready" {
        path = "/things/${self.id}"
        done = response.ready
      }"#;
    let said = told("", wait, RENAME);
    assert!(
        said.contains("A wait that cannot be gone on with") && said.contains("\"create\""),
        "{said}"
    );
    let repeatable = format!("idempotent = true\n{wait}");
    assert_eq!(told("", &repeatable, RENAME), "none");
}

#[test]
fn an_update_keeps_what_later_requests_send() {
    let look = |object: &str| {
        format!(
            r#"request "look" {{
      method = "GET"
      path   = "/things/${{self.id}}"
      {object}
    }}"#
        )
    };
    let update = |name: &str, steps: &str| {
        format!("update \"{name}\" {{\n    attributes = [\"name\"]\n    {steps}\n  }}\n")
    };
    let rename = |inside: &str| {
        format!(
            r#"request "rename" {{
      path = "/things/${{self.id}}"
      body = {{ name = self.name }}
      {inside}
    }}"#
        )
    };
    let wait = r#"wait "ready" {
        path   = "/things/${self.id}"
        done   = response.ready
        object = response
      }"#;
    let lost = "Planned values would be lost";
    let object = "object = response";
    for refused in [
        // A look before what is to be sent.
        update("a", &[look(object), rename("")].join("\n")),
        // The last of its update, but not of all.
        update("a", &rename(wait)) + &update("b", &rename("")),
        update("a", &look(object)) + &update("b", &rename("")),
        // An answer that is waited for afterwards, or that comes several times.
        update("a", &rename(&format!("{object}\n{wait}"))),
        update("a", &rename(&format!("{object}\nfor_each = [1, 2]"))),
    ] {
        let said = told("", "", &refused);
        assert!(said.contains(lost), "{said}\n{refused}");
    }
    for fine in [
        update("a", &[look(""), rename(object)].join("\n")),
        update("a", &rename(wait)),
        update(
            "a",
            &[look("result = { name = response.name }"), rename("")].join("\n"),
        ),
    ] {
        assert_eq!(told("", "", &fine), "none", "{fine}");
    }
}

#[test]
fn an_example_is_a_value_that_would_be_accepted() {
    let attribute = |arguments: &str| {
        format!("attribute \"key\" {{\n    on_change = \"replace\"\n    {arguments}\n  }}")
    };
    let rule = r#"validate {
      condition = startswith(value, "ssh-")
      message   = "It begins with ssh-."
    }"#;
    let of = |arguments: &str| told(&attribute(arguments), "", RENAME);
    let text = "type = string\n    required = true\n";
    assert_eq!(
        of(&format!("{text}example = \"ssh-rsa AAAA\"\n{rule}")),
        "none"
    );
    let said = of(&format!("{text}example = \"rsa\"\n{rule}"));
    assert!(
        said.contains("Wrong example: It begins with ssh-."),
        "{said}"
    );
    let said = of(&format!("{text}example = [1]"));
    assert!(said.contains("Wrong example"), "{said}");
    let said = of(&format!(
        "{text}sensitive = true\n    example = \"ssh-rsa AAAA\""
    ));
    assert!(said.contains("A secret has no example"), "{said}");
}
