variable "size" {
  type        = number
  default     = 2
  description = "How many."
}

variable "token" {
  type        = string
  default     = "hush"
  sensitive   = true
  description = "A secret."
}

resource "terraform_data" "named" {
  input = "NAME"
}

resource "terraform_data" "many" {
  count = var.size
  input = { index = count.index, of = terraform_data.named.id }
}

resource "terraform_data" "keyed" {
  for_each = { a = "x", b = var.token }
  input    = each.value

  lifecycle {
    precondition {
      condition     = var.size > 1
      error_message = "Too few."
    }
  }
}

module "part" {
  source = "./part"
  parts  = [for one in terraform_data.many : one.id]
}

output "parts" {
  value = module.part.parts
}

output "token" {
  value     = var.token
  sensitive = true
}
