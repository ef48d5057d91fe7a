# Serverspace public API v1 (also sold under other brands: only the host differs).
#
# Most changes answer with a task; the object stays Busy a little longer than its task
# runs, and changes in that time are refused with codes that are worth another try. There
# is no paging. Lists hold the same objects as details do. Resource types and arguments
# are those of the vendor's Terraform provider; snapshots, gateways and affinity groups,
# which it lacks, are added.

provider "serverspace" {
  source      = "registry.terraform.io/itglobalcom/serverspace"
  version     = "0.3.2"
  since       = "0.2.0"
  description = "Servers, networks, gateways and DNS of Serverspace."

  setting "key" {
    required    = true
    sensitive   = true
    env         = ["SERVERSPACE_KEY"]
    description = "API key of the project."
  }
  setting "host" {
    env         = ["SERVERSPACE_HOST", "SERVERSPACE_ENDPOINT"]
    description = "Address of the API without /api/v1. If not set, the first two characters of the key tell it."
  }
  setting "requests_per_minute" {
    type        = number
    env         = ["SERVERSPACE_REQUESTS_PER_MINUTE"]
    default     = 120
    description = "Requests per minute to keep to. The service publishes no limit."
  }

  base_url = "${trimsuffix(trimsuffix(trimsuffix(coalesce(provider.host, lookup({
    "02" = "https://api.serverspace.by"
    "04" = "https://api.serverspace.io"
    "06" = "https://api.serverspace.ru"
    "07" = "https://api.lincore.kz"
    "08" = "https://api.serverspace.us"
    "09" = "https://api.serverspace.com.tr"
    "0a" = "https://api.serverspace.in"
    "0f" = "https://api.itglobal.com"
    "14" = "https://api.serverspace.kz"
    "20" = "https://api.cloudtek.kz"
    "21" = "https://api.serverspace.ca"
    "22" = "https://api.serverspace.com.br"
    "23" = "https://api.falconcloud.ae"
    "25" = "https://api.vc.miran.ru"
    "26" = "https://api.ekacod.ru"
    "28" = "https://api.glos.online"
  }, lower(substr(provider.key, 0, 2)), "unknown: set host, the key does not tell it")), "/"), "/api/v1"), "/")}/api/v1"
  headers = { X-API-KEY = provider.key }
  timeout = "60s"

  envelope {
    success = !can(body.errors[0])
  }

  errors {
    code    = try(tostring(body.errors[0].code), tostring(body.code), null)
    message = try(join("; ", [for e in body.errors : try(e.message, tostring(e))]), tostring(body.error), tostring(body.message), null)

    error "404" {
      gone = true
    }
    # Busy, or changed at the same time by another request: nothing has happened yet.
    error "-4000" {
      retry = true
    }
    error "-5592" {
      retry = true
    }
    error "-19059" {
      retry = true
    }
    error "-19605" {
      retry = true
    }
    error "-19803" {
      retry = true
    }
    error "-19511" {
      retry = true
      hint  = "Servers or gateways are still connected to the network."
    }
    error "-12043" {
      retry = true
    }
    # Deletions of some objects that are gone are answered with 500; reading tells.
    error "-2002" {
      hint = "The API could not read the request; this is a fault of the description."
    }
    error "-5542" {
      hint = "The zone has this record already; import it, or give it another value. A name has one CNAME."
    }
    error "-8149" {
      hint = "Servers with a graphics card cannot do this."
    }
    error "-8154" {
      hint = "The server is suspended."
    }
    error "-8155" {
      hint = "The location has no hosts for nested virtualisation."
    }
    error "-12041" {
      hint = "The data source serverspace_locations has the limits (bandwidth_min, bandwidth_max); isolated networks have none."
    }
    error "-12055" {
      hint = "A server of the VMware section has one snapshot at most."
    }
    error "-19053" {
      hint = "The data source serverspace_applications lists the applications of a location."
    }
    error "-19619" {
      hint = "Servers leave a group only when they are deleted."
    }
    error "-19968" {
      hint = "The application takes no key of a language model: leave issue_llm_key out."
    }
    error "-19969" {
      hint = "The data source serverspace_applications tells which parameters an application needs."
    }
    error "-19981" {
      hint = "The data source serverspace_applications tells which parameters an application has."
    }
    error "403" {
      hint = "The service is not available to the project that the key belongs to."
    }
    error "-8049" {
      hint = "The data source serverspace_locations lists the locations."
    }
  }

  rate_limit {
    per_minute = provider.requests_per_minute
    key        = provider.key
  }
}


# What changes are answered with.

template "task" {
  when     = try(sent.task_id, null) != null
  path     = "/tasks/${sent.task_id}"
  interval = "5s"
  delay    = "1s"
  timeout  = "30m"
  usually  = "10s"
  done     = contains(["Completed", "true"], tostring(try(response.task, response).is_completed))
  failed   = contains(["Failed", "Canceled"], tostring(try(response.task, response).is_completed))
  reason   = "task ${sent.task_id} is ${try(response.task, response).is_completed}; tasks give no reason"
  progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
  expect {
    condition = can(tostring(try(response.task, response).is_completed))
    message   = "The answer to a question for a task has no \"is_completed\" that is New, InProgress, Completed, Failed or Canceled."
  }
}

# The task of a creation is remembered, so that the next run goes on with it.
template "created" {
  when     = try(remembered.create_task, null) != null
  path     = "/tasks/${remembered.create_task}"
  interval = "5s"
  delay    = "0s"
  timeout  = "30m"
  usually  = "10s"
  done     = contains(["Completed", "true"], tostring(try(response.task, response).is_completed))
  failed   = contains(["Failed", "Canceled"], tostring(try(response.task, response).is_completed))
  reason   = "task ${remembered.create_task} is ${try(response.task, response).is_completed}; tasks give no reason"
  progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
  expect {
    condition = can(tostring(try(response.task, response).is_completed))
    message   = "The answer to a question for a task has no \"is_completed\" that is New, InProgress, Completed, Failed or Canceled."
  }
}

template "create" {
  remember = { create_task = response.task_id }
}

# A change that is over with its task.
template "change" {
  method = "PUT"
  wait "task" {
    use = "task"
  }
}

template "removal" {
  method = "DELETE"
  query  = { return_task = true }
  wait "task" {
    use = "task"
  }
}

# Servers and gateways are busy a little longer than the task runs.
template "server" {
  interval = "5s"
  delay    = "1s"
  timeout  = "10m"
  usually  = "5s"
  done     = response.server.state == "Active"
  failed   = response.server.state == "Blocked"
  reason   = "the server is blocked"
  progress = response.server.state
  expect {
    condition = can(response.server.state)
    message   = "The answer to a question for a server has no \"server\" with a \"state\"."
  }
}

template "gateway" {
  path     = "/gateways/${self.id}"
  interval = "5s"
  delay    = "1s"
  timeout  = "10m"
  usually  = "5s"
  done     = response.gateway.state == "Active"
  failed   = response.gateway.state == "Blocked"
  reason   = "the gateway is blocked"
  progress = response.gateway.state
  expect {
    condition = can(response.gateway.state)
    message   = "The answer to a question for a gateway has no \"gateway\" with a \"state\"."
  }
}

# Tags, as arguments and as they are.

template "tags" {
  type        = set(string)
  optional    = true
  computed    = true
  from        = ""
  decode      = try(compact(response.tags), [])
  description = "Tags. If not set, those that are there are left alone."
  validate {
    condition = !contains(value, "")
    message   = "A tag cannot be empty."
  }
}

template "tags_there" {
  type     = list(string)
  computed = true
  from     = ""
  decode   = try(compact(response.tags), [])
}

# Setting tags that are there already changes nothing.
template "tag" {
  method     = "POST"
  body       = { value = each.value }
  idempotent = true
}

template "untag" {
  for_each = setsubtract(try(coalesce(prior.tags, []), []), self.tags)
  method   = "DELETE"
  accept   = ["404"]
}
