# The provider of `things.rs`: attributes and nested blocks of every kind, some of them with
# names that meta-arguments hide.

provider "things" {
  source   = "example.com/tests/things"
  version  = "1.0.0"
  base_url = provider.endpoint
  headers  = { Authorization = "Bearer ${provider.token}" }

  setting "token" {
    required  = true
    sensitive = true
    env       = ["THINGS_TOKEN"]
  }
  setting "endpoint" {
    env = ["THINGS_ENDPOINT"]
  }
  errors {
    message = body.message
    error "404" { gone = true }
  }
}

resource "things_thing" {
  attribute "id" {
    type     = string
    computed = true
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
  }
  attribute "size" {
    type     = number
    optional = true
  }
  attribute "text" {
    type     = string
    optional = true
  }
  attribute "secret" {
    type      = string
    optional  = true
    sensitive = true
  }
  attribute "password" {
    type       = string
    optional   = true
    write_only = true
  }
  attribute "count" {
    type     = number
    optional = true
  }
  block "disk" {
    nesting = "list"
    attribute "gb" {
      type     = number
      required = true
    }
    attribute "kind" {
      type     = string
      optional = true
      computed = true
    }
    block "part" {
      nesting = "set"
      attribute "mount" {
        type     = string
        required = true
      }
    }
  }
  block "tag" {
    nesting = "set"
    attribute "key" {
      type     = string
      required = true
    }
  }
  block "label" {
    nesting = "map"
    attribute "port" {
      type     = number
      required = true
      validate {
        condition = value > 0
        message   = "A port is above 0."
      }
    }
    attribute "note" {
      type     = string
      optional = true
      computed = true
    }
  }
  block "net" {
    nesting = "single"
    attribute "cidr" {
      type     = string
      optional = true
    }
    block "rule" {
      nesting = "list"
      attribute "port" {
        type     = number
        required = true
      }
    }
  }
  block "group" {
    nesting = "group"
    attribute "color" {
      type     = string
      optional = true
    }
  }
  block "lifecycle" {
    nesting = "single"
    attribute "days" {
      type     = number
      required = true
    }
  }

  create {
    request "create" {
      path = "/things"
      body = {
        name      = self.name
        size      = self.size
        text      = self.text
        secret    = self.secret
        count     = self.count
        disk      = self.disk
        tag       = self.tag
        label     = self.label
        net       = self.net
        group     = self.group
        lifecycle = self.lifecycle
      }
      object = response
    }
  }
  read {
    request "read" {
      path = "/things/${self.id}"
    }
  }
  list {
    path       = "/things"
    items      = response.things
    item_key   = item.id
    key        = self.id
    attributes = ["id", "name", "size", "text", "secret", "count", "disk", "tag", "label", "net", "group", "lifecycle"]
  }
  update "all" {
    attributes = ["size", "text", "secret", "count", "disk", "tag", "label", "net", "group", "lifecycle", "password"]
    request "put" {
      method = "PUT"
      path   = "/things/${self.id}"
      body = {
        name      = self.name
        size      = self.size
        text      = self.text
        secret    = self.secret
        count     = self.count
        disk      = self.disk
        tag       = self.tag
        label     = self.label
        net       = self.net
        group     = self.group
        lifecycle = self.lifecycle
      }
    }
  }
  delete {
    request "delete" {
      path = "/things/${self.id}"
    }
  }
  import "<id>" {}
}

data "things_thing" {
  attribute "id" {
    type     = string
    required = true
  }
  attribute "name" {
    type     = string
    computed = true
  }
  request "read" {
    path = "/things/${self.id}"
  }
}
