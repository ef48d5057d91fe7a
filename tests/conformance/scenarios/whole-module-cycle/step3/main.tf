module "c" {
  source = "./c"
  for_each = { a = 1 }
  v = terraform_data.q.id
}
resource "terraform_data" "q" { input = module.c["a"].o }
