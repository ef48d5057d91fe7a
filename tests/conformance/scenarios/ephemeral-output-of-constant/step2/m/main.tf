resource "terraform_data" "r" {}
output "o" {
  value = terraform_data.r.id
  ephemeral = true
}
