variable "n" {}
resource "terraform_data" "y" {
  for_each         = toset(["0", "1"])
  input            = each.key
  triggers_replace = var.n
}
moved {
  from = terraform_data.x[0]
  to   = terraform_data.y["0"]
}
moved {
  from = terraform_data.x[1]
  to   = terraform_data.y["1"]
}
output "o" {
  value = values(terraform_data.y)[*].output
}
