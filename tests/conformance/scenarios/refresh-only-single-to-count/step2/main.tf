resource "terraform_data" "r" { count = 2 }
output "p" { value = length(terraform_data.r) }
