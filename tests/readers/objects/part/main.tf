variable "parts" {
  type        = list(string)
  description = "Ids."
}

resource "terraform_data" "part" {
  input            = var.parts
  triggers_replace = length(var.parts)
}

output "parts" {
  value = terraform_data.part.output
}
