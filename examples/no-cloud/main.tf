# Needs no cloud at all: terraform_data lives in the state only.

variable "names" {
  type    = set(string)
  default = ["ada", "grace"]
}

resource "terraform_data" "release" {
  input = "2026-11"
}

resource "terraform_data" "greeting" {
  for_each = var.names

  input            = <<-EOT
    Hello, ${each.key}!
    This is release ${terraform_data.release.output}.
  EOT
  triggers_replace = each.key
}

output "greetings" {
  value = [for g in terraform_data.greeting : chomp(g.output)]
}
