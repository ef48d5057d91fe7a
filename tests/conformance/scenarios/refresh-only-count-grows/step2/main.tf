resource "terraform_data" "r" { count = 2 }
output "o" { value = terraform_data.r[*].id }
output "p" { value = length(terraform_data.r) }
output "s" { value = try(terraform_data.r[1].id, "none") }
