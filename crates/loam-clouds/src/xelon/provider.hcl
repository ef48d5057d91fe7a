# Xelon HQ, v2 API: how to talk to it, and what its objects have in common.
#
# Answers come in six shapes, chosen by endpoint: `data` is unwrapped where it is. Items
# of lists may be poorer than details: what they lack says nothing. Resource types and
# arguments are those of the vendor's Terraform provider 1.10.0, with replacement where
# the API cannot change something.

provider "xelon" {
  source      = "registry.terraform.io/xelon-ag/xelon"
  version     = "1.10.0"
  since       = "1.0.0"
  description = "Devices, networks, Kubernetes, DNS and object storage of Xelon HQ."

  setting "token" {
    sensitive   = true
    env         = ["XELON_TOKEN"]
    description = "Service token (My Account > Service Tokens). Without one, email and password are used to log in."
  }
  setting "client_id" {
    env         = ["XELON_CLIENT_ID"]
    description = "Client id, which tokens that are bound to addresses need."
  }
  setting "base_url" {
    env         = ["XELON_BASE_URL"]
    default     = "https://hq.xelon.ch/api/v2/"
    description = "Base address of the API, with or without /v2/."
  }
  setting "email" {
    env         = ["XELON_EMAIL"]
    description = "E-mail address to log in with, if there is no token."
  }
  setting "password" {
    sensitive   = true
    env         = ["XELON_PASSWORD"]
    description = "Password to log in with, if there is no token."
  }
  setting "requests_per_minute" {
    type        = number
    env         = ["XELON_REQUESTS_PER_MINUTE"]
    default     = 60
    description = "Requests per minute to keep to. The service publishes no limit."
  }

  # https://HOST, https://HOST/api and https://HOST/api/v2 mean the same, with or without
  # a slash at the end.
  base_url = "${replace(replace(provider.base_url, "/\\/(v2\\/?)?$/", ""), "/^(https?:\\/\\/[^\\/]+)$/", "$1/api")}/v2/"
  headers = {
    Authorization = try("Bearer ${coalesce(provider.token, auth.token)}", null)
    X-User-Id     = provider.client_id == "" ? null : provider.client_id
  }
  timeout = "60s"

  login {
    when  = provider.token == null && provider.email != null
    path  = join("", [replace(replace(provider.base_url, "/\\/(v2\\/?)?$/", ""), "/^(https?:\\/\\/[^\\/]+)$/", "$1/api"), "/user/login"])
    body  = { email = provider.email, password = provider.password }
    token = body.token
    expect {
      condition = can(body.token)
      message   = "The login was answered without a token. An account with a second factor needs a service token (XELON_TOKEN)."
    }
    # The token is a JWT that tells when it expires.
    expires  = try(jsondecode(base64decode("${replace(replace(split(".", body.token)[1], "-", "+"), "_", "/")}${substr("===", 0, (4 - length(split(".", body.token)[1]) % 4) % 4)}")).exp, null)
    lifetime = "50m"
    margin   = "2m"
  }

  envelope {
    data    = try(body.data, body)
    success = !can(regex(".", body.error))
  }

  errors {
    message = try(join("; ", flatten([for f, texts in body.errors : [for t in texts : "${f}: ${t}"]])), tostring(body.error), tostring(body.message), null)

    error "401" {
      hint = "Check XELON_TOKEN. A token that is bound to addresses needs XELON_CLIENT_ID, too."
    }
    error "404" {
      gone = true
    }
    error "422" {
      when = can(body.errors.isLocked)
      hint = "The network is locked; unlock it in Xelon HQ."
    }
    error "422" {
      when = can(body.errors.email)
      hint = "Deleted users keep their e-mail address: restore the user (action xelon_tenant_user_restore) and import it."
    }
  }

  paging "pages" {
    style      = "page"
    param      = "page"
    size_param = "perPage"
    size       = 100
    last_page  = try(body.meta.lastPage, null)
    total      = try(body.meta.total, null)
    more       = false
  }

  rate_limit {
    per_minute = provider.requests_per_minute
    key        = coalesce(provider.token, provider.email, "none")
  }
}

# A resource that the API names.
template "identified" {
  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  import "<id>" {}
}

# A request for all pages of a list.
template "pages" {
  paging = "pages"
  items  = try(body.data, response)
}

# The list of a resource type.
template "list" {
  use      = "pages"
  item_key = item.identifier
  key      = self.id
  partial  = true
}

# Looking while something settles; new objects answer 500 for a moment.
template "settling" {
  interval     = "5s"
  delay        = "3s"
  timeout      = "30m"
  usually      = "30s"
  tolerate     = ["5xx", "404"]
  tolerate_for = "10m"
}

# Objects with a number for a state: 0, 2 and 3 go on, 1 is ready.
template "state" {
  use      = "settling"
  done     = response.state == 1
  failed   = !contains([0, 1, 2, 3], response.state)
  reason   = "the state is ${response.state}, and 1 was expected"
  progress = "state ${response.state}"
}

# A data source for one object, by its id, its exact name or both.
template "id_or_name" {
  attribute "id" {
    type     = string
    optional = true
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    optional = true
    computed = true
  }
  validate {
    condition = config.id != null || config.name != null
    message   = "Set id or name."
  }
}

# The request that finds the object by its name. `search` is fuzzy.
template "find" {
  use    = "pages"
  when   = self.id == null
  query  = { search = self.name }
  result = { id = one([for x in items : x.identifier if x.name == self.name]) }
  expect {
    condition = length([for x in items : x if x.name == self.name]) > 0
    message   = "Nothing has exactly this name."
  }
  expect {
    condition = length([for x in items : x if x.name == self.name]) < 2
    message   = "Several have this name: set id."
  }
}

# The request for the object itself.
template "details" {
  expect {
    condition = config.name == null || try(response.name, config.name) == config.name
    message   = "The object with this id has another name."
  }
}
