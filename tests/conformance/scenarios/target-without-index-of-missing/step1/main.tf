resource "terraform_data" "r" { count = 1 }
resource "terraform_data" "z" { for_each = toset(["a"]) }
output "p" { value = terraform_data.z["a"].id }
